# One folder, one library: fergraph_library(graph PUBLIC ... PRIVATE ...) makes the target fergraph_graph from the
# folder's .cpp files. Includes are written from the repository's root: #include "graph/contract.hpp".
add_library(fergraph_warnings INTERFACE)
target_compile_options(fergraph_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                                                   -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns about its own std::string and std::optional under optimisation (GCC bugs 105329, 105562).
  target_compile_options(fergraph_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow)
endif()
if(FERGRAPH_WARNINGS_AS_ERRORS)
  target_compile_options(fergraph_warnings INTERFACE -Werror)
endif()
if(FERGRAPH_SANITIZE)
  add_compile_options(-fsanitize=${FERGRAPH_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${FERGRAPH_SANITIZE})
endif()

function(fergraph_library name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(fergraph_${name} STATIC ${sources})
  add_library(fergraph::${name} ALIAS fergraph_${name})
  set_target_properties(fergraph_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(fergraph_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                     $<INSTALL_INTERFACE:include/fergraph>)
  target_link_libraries(fergraph_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:fergraph_warnings>)
endfunction()

# In a unity build (the preset release), files whose own names would meet those of others, or of which GCC has doubts then.
function(compiled_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
