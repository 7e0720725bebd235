# What every target of ours shares, in one interface target, and the two ways to make a library.

add_library(fathom_settings INTERFACE)
target_include_directories(fathom_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(fathom_settings INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang>:-Wall -Wextra -Wpedantic -Wno-unknown-pragmas -fno-math-errno -fno-trapping-math -ffp-contract=off -Wno-psabi -fopenmp-simd>)
if(FATHOM_WERROR)
  target_compile_options(fathom_settings INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang>:-Werror>)
endif()
if(FATHOM_NATIVE)
  # 512-bit arithmetic runs at half rate or lower clocks on several CPUs: 256 bits measured no slower anywhere.
  target_compile_options(fathom_settings INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang>:-march=native -mprefer-vector-width=256>)
endif()
if("CUDA" IN_LIST Kokkos_DEVICES)
  # Indices of std::array, and std::integral_constant, in device code.
  target_compile_options(fathom_settings INTERFACE --expt-relaxed-constexpr)
endif()
if(FATHOM_SANITIZE)
  target_compile_options(fathom_settings INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(fathom_settings INTERFACE -fsanitize=address,undefined)
endif()

# fathom_precompile(TARGET KIND PRECISION [OPTIONS ...] [HEADERS ...] [LINK ...])
#
# The headers that nearly every file includes, directly or not, parsed once for all targets of a kind, which are compiled
# alike: a third of the time that a build takes. Not with nvcc; nor with -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON, which
# shows what a file forgot to include.
function(fathom_precompile target kind precision)
  if("CUDA" IN_LIST Kokkos_DEVICES)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "OPTIONS;HEADERS;LINK" ${ARGN})
  set(host fathom_${kind}_headers_${precision})
  if(NOT TARGET ${host})
    set(nothing ${PROJECT_BINARY_DIR}/cmake/${host}.cpp)
    file(CONFIGURE OUTPUT ${nothing} CONTENT "// What it takes to precompile headers.\n")
    add_library(${host} OBJECT ${nothing})
    target_link_libraries(${host} PRIVATE ${ARG_LINK} fathom_kokkos fathom_settings)
    target_compile_definitions(${host} PRIVATE FATHOM_REAL=${precision})
    target_compile_options(${host} PRIVATE ${ARG_OPTIONS})
    target_precompile_headers(${host} PRIVATE <Kokkos_Core.hpp> <algorithm> <array> <cmath> <functional> <map> <memory>
      <optional> <string> <vector> ${ARG_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${host})
endfunction()

# With FATHOM_UNITY, `batch` sources are compiled as one, so that they share what their headers instantiate. Sources that
# take long by themselves, or have names of their own in common with others, stay apart: SKIP_UNITY_BUILD_INCLUSION.
function(fathom_unity target batch)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${FATHOM_UNITY} UNITY_BUILD_BATCH_SIZE ${batch})
endfunction()

# fathom_library(NAME SOURCES ... [LINK ...] [PRIVATE_LINK ...] [BOTH_PRECISIONS])
#
# The library fathom::NAME in the program's precision. With BOTH_PRECISIONS also fathom::NAME_double for the
# exactness tests; its dependencies in LINK are taken in double where such a twin exists.
function(fathom_library name)
  cmake_parse_arguments(ARG "BOTH_PRECISIONS" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  _fathom_add_library(${name} ${FATHOM_PRECISION} "${ARG_LINK}")
  if(ARG_BOTH_PRECISIONS AND BUILD_TESTING AND NOT FATHOM_PRECISION STREQUAL double)
    set(links)
    foreach(link IN LISTS ARG_LINK)
      if(TARGET ${link}_double)
        list(APPEND links ${link}_double)
      else()
        list(APPEND links ${link})
      endif()
    endforeach()
    _fathom_add_library(${name}_double double "${links}")
  endif()
endfunction()

macro(_fathom_add_library name precision links)
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_library(fathom_${name} STATIC ${ARG_SOURCES})
  add_library(fathom::${name} ALIAS fathom_${name})
  target_link_libraries(fathom_${name} PUBLIC ${links} PRIVATE ${ARG_PRIVATE_LINK} $<BUILD_INTERFACE:fathom_settings>)
  target_include_directories(fathom_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_definitions(fathom_${name} PUBLIC FATHOM_REAL=${precision})
  fathom_precompile(fathom_${name} library ${precision})
  fathom_unity(fathom_${name} 5)
endmacro()
