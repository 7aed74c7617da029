// What the detectors have in common: faces whose place the data gives, and their words for it.
#pragma once

#include "nodes/face/faces.hpp"
#include "nodes/face/photograph.hpp"

namespace fergraph {

inline constexpr const char* known_box_doc =
    "the box that the data gives: where a sample has one it is passed on, and nothing is looked for";
inline constexpr const char* known_landmarks_doc =
    "the landmarks that the data gives: where a sample has them they are passed on, and nothing is looked for";
inline constexpr const char* known_box_of_landmarks_doc = "the box that is passed on beside known landmarks";
inline constexpr const char* all_faces_doc =
    "all faces of the photograph, the largest first; absent where the face was known";

inline Box2d box_of(const FoundFace& face) { return {{face.box.x, face.box.y, face.box.width, face.box.height}}; }

}  // namespace fergraph
