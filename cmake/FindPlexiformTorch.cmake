# The LibTorch inside the torch wheel of ${PLEXIFORM_VENV}, as the target plexiform::torch.
# find_package(Torch) of the wheel itself stops without a CUDA toolkit when the wheel is a CUDA build; headers,
# torch_cpu and c10 are all that is needed here, and both builds have them. (libtorch holds nothing of its own; in a
# CUDA build it loads the gigabytes of libtorch_cuda and cuDNN, so it is not linked.)
file(GLOB _torch_roots ${PLEXIFORM_VENV}/lib/python3*/site-packages/torch)
find_path(PlexiformTorch_INCLUDE_DIR torch/csrc/api/include/torch/torch.h
  HINTS ${PLEXIFORM_TORCH_ROOT} ${_torch_roots} PATH_SUFFIXES include NO_DEFAULT_PATH)
get_filename_component(PlexiformTorch_ROOT "${PlexiformTorch_INCLUDE_DIR}" DIRECTORY)
set(PlexiformTorch_LIBRARY_DIR ${PlexiformTorch_ROOT}/lib)
foreach(name torch_cpu c10)
  find_library(PlexiformTorch_${name}_LIBRARY ${name} HINTS ${PlexiformTorch_LIBRARY_DIR} NO_DEFAULT_PATH)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(PlexiformTorch
  REQUIRED_VARS PlexiformTorch_INCLUDE_DIR PlexiformTorch_torch_cpu_LIBRARY PlexiformTorch_c10_LIBRARY
  REASON_FAILURE_MESSAGE "no torch wheel in PLEXIFORM_VENV (${PLEXIFORM_VENV}), where scripts/setup puts one")

if(PlexiformTorch_FOUND AND NOT TARGET plexiform::torch)
  add_library(plexiform::torch INTERFACE IMPORTED)
  target_include_directories(plexiform::torch SYSTEM INTERFACE
    ${PlexiformTorch_INCLUDE_DIR} ${PlexiformTorch_INCLUDE_DIR}/torch/csrc/api/include)
  target_link_libraries(plexiform::torch INTERFACE
    ${PlexiformTorch_torch_cpu_LIBRARY} ${PlexiformTorch_c10_LIBRARY})
endif()
