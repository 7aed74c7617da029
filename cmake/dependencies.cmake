# Everything comes from Debian 12's packages; a newer LibTorch is taken from CMAKE_PREFIX_PATH.
find_package(Threads REQUIRED)
find_package(TBB REQUIRED)
find_package(Torch REQUIRED)
# Debian has OpenCV's CMake package only in libopencv-dev, which draws in some 400 others; the parts that we use are found by
# their names.
find_path(OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
foreach(part core imgproc imgcodecs objdetect)
  find_library(OPENCV_${part} opencv_${part} REQUIRED)
  list(APPEND OPENCV_LIBRARIES ${OPENCV_${part}})
endforeach()
# Films and cameras of `fergraph predict`, where there is one: it draws in FFmpeg.
find_library(OPENCV_videoio opencv_videoio)
find_path(OPENCV_VIDEOIO_INCLUDE opencv2/videoio.hpp HINTS ${OPENCV_INCLUDE} PATH_SUFFIXES opencv4)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
# libzip's own CMake package asks for its command line tools, which Debian packs apart.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET GLOBAL libzip)
pkg_check_modules(LIBWEBP REQUIRED IMPORTED_TARGET GLOBAL libwebp)
find_package(muparser REQUIRED)

# yaml-cpp names its target differently before and after 0.8.
set(YAML_CPP_TARGET yaml-cpp)
if(TARGET yaml-cpp::yaml-cpp)
  set(YAML_CPP_TARGET yaml-cpp::yaml-cpp)
endif()

# LibTorch, OpenCV and HDF5 are used as system headers: their warnings are not ours.
add_library(fergraph_torch INTERFACE)
target_include_directories(fergraph_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(fergraph_torch INTERFACE ${TORCH_LIBRARIES})
add_library(fergraph_opencv INTERFACE)
target_include_directories(fergraph_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE})
target_link_libraries(fergraph_opencv INTERFACE ${OPENCV_LIBRARIES})
add_library(fergraph_hdf5 INTERFACE)
target_include_directories(fergraph_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(fergraph_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
