# LibTorch as the target fathom::torch, where it is found.
#
# 1. Torch_ROOT (or CMAKE_PREFIX_PATH): a LibTorch that the user downloaded, of the C++11 ABI.
# 2. Debian's libtorch-dev (1.13).
# TorchConfig.cmake is not used: it asks for CUDA, protobuf and flags that we do not need. The headers are
# system headers, because they warn.
option(FATHOM_TORCH "Learned guides, where LibTorch is found" ON)

if(FATHOM_TORCH)
  find_path(FATHOM_TORCH_INCLUDE torch/script.h HINTS ${Torch_ROOT} PATH_SUFFIXES include)
  find_path(FATHOM_TORCH_API_INCLUDE torch/torch.h HINTS ${FATHOM_TORCH_INCLUDE}/torch/csrc/api/include)
  foreach(name IN ITEMS torch_cpu torch c10)
    find_library(FATHOM_TORCH_${name} ${name} HINTS ${Torch_ROOT} PATH_SUFFIXES lib)
    list(APPEND _torch_libraries ${FATHOM_TORCH_${name}})
  endforeach()
endif()

if(NOT FATHOM_TORCH)
  message(STATUS "LibTorch: not wanted (FATHOM_TORCH=OFF); there will be no learned guides")
elseif(FATHOM_TORCH_INCLUDE AND FATHOM_TORCH_API_INCLUDE AND NOT "${_torch_libraries}" MATCHES NOTFOUND)
  add_library(fathom_torch_headers INTERFACE)
  add_library(fathom::torch ALIAS fathom_torch_headers)
  target_include_directories(fathom_torch_headers SYSTEM INTERFACE
    ${FATHOM_TORCH_INCLUDE} ${FATHOM_TORCH_API_INCLUDE})
  target_link_libraries(fathom_torch_headers INTERFACE ${_torch_libraries})
  message(STATUS "LibTorch: ${FATHOM_TORCH_torch_cpu}")
else()
  message(STATUS "LibTorch: not found; there will be no learned guides. "
                 "On Debian: apt-get install libtorch-dev. Elsewhere: -DTorch_ROOT=PREFIX")
endif()
