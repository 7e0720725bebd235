# Kokkos as the target fathom::kokkos.
#
# 1. Kokkos_ROOT (or CMAKE_PREFIX_PATH): a Kokkos 4 or newer that the user built, with OpenMP or CUDA.
# 2. FATHOM_FETCH_KOKKOS=ON: a pinned release, for those with a network.
# 3. Debian's libtrilinos-kokkos-dev (3.4, Serial). Its KokkosConfig.cmake names an include folder that does
#    not exist, so it is not used: header and library are found by hand, the headers as system headers
#    because they warn under C++20.
option(FATHOM_FETCH_KOKKOS "Download and build a pinned Kokkos release" OFF)

if(FATHOM_FETCH_KOKKOS)
  include(FetchContent)
  FetchContent_Declare(kokkos GIT_REPOSITORY https://github.com/kokkos/kokkos.git GIT_TAG 4.7.01)
  FetchContent_MakeAvailable(kokkos)
  set(_kokkos_targets Kokkos::kokkos)
  set(_kokkos_version "4.7.01, fetched")
elseif(Kokkos_ROOT OR DEFINED ENV{Kokkos_ROOT})
  find_package(Kokkos REQUIRED)
  set(_kokkos_targets Kokkos::kokkos)
  set(_kokkos_version ${Kokkos_VERSION})
else()
  find_path(FATHOM_KOKKOS_INCLUDE Kokkos_Core.hpp PATH_SUFFIXES trilinos)
  find_library(FATHOM_KOKKOS_CORE trilinos_kokkoscore)
  if(NOT FATHOM_KOKKOS_INCLUDE OR NOT FATHOM_KOKKOS_CORE)
    message(FATAL_ERROR "Kokkos not found. On Debian: apt-get install libtrilinos-kokkos-dev. "
                        "Elsewhere: build Kokkos 4 or newer and pass -DKokkos_ROOT=PREFIX, "
                        "or pass -DFATHOM_FETCH_KOKKOS=ON.")
  endif()
  add_library(fathom_kokkos_debian INTERFACE)
  target_include_directories(fathom_kokkos_debian SYSTEM INTERFACE ${FATHOM_KOKKOS_INCLUDE})
  target_link_libraries(fathom_kokkos_debian INTERFACE ${FATHOM_KOKKOS_CORE} ${CMAKE_DL_LIBS})
  set(_kokkos_targets fathom_kokkos_debian)
  set(_kokkos_version "Debian's")
endif()

add_library(fathom_kokkos INTERFACE)
target_link_libraries(fathom_kokkos INTERFACE ${_kokkos_targets})
add_library(fathom::kokkos ALIAS fathom_kokkos)
message(STATUS "Kokkos: ${_kokkos_version}")
