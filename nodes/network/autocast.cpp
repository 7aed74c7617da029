#include "nodes/network/autocast.hpp"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace fergraph {
namespace {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool is_enabled(torch::DeviceType device) { return at::autocast::is_autocast_enabled(device); }
void enable(torch::DeviceType device, bool on) { at::autocast::set_autocast_enabled(device, on); }
torch::ScalarType dtype_of(torch::DeviceType device) { return at::autocast::get_autocast_dtype(device); }
void set_dtype(torch::DeviceType device, torch::ScalarType dtype) { at::autocast::set_autocast_dtype(device, dtype); }
#else
bool is_enabled(torch::DeviceType device) {
  return device == torch::kCPU ? at::autocast::is_cpu_enabled() : at::autocast::is_enabled();
}
void enable(torch::DeviceType device, bool on) {
  device == torch::kCPU ? at::autocast::set_cpu_enabled(on) : at::autocast::set_enabled(on);
}
torch::ScalarType dtype_of(torch::DeviceType device) {
  return device == torch::kCPU ? at::autocast::get_autocast_cpu_dtype() : at::autocast::get_autocast_gpu_dtype();
}
void set_dtype(torch::DeviceType device, torch::ScalarType dtype) {
  device == torch::kCPU ? at::autocast::set_autocast_cpu_dtype(dtype) : at::autocast::set_autocast_gpu_dtype(dtype);
}
#endif

}  // namespace

Autocast::Autocast(const torch::Device& device, torch::ScalarType dtype)
    : device_(device.type()),
      enabled_(is_enabled(device_)),
      cached_(at::autocast::is_autocast_cache_enabled()),
      dtype_(dtype_of(device_)) {
  // A forward takes each parameter once, so that keeping converted ones would only cost memory.
  at::autocast::set_autocast_cache_enabled(false);
  set_dtype(device_, dtype);
  enable(device_, true);
}

Autocast::~Autocast() {
  enable(device_, enabled_);
  set_dtype(device_, dtype_);
  at::autocast::set_autocast_cache_enabled(cached_);
}

}  // namespace fergraph
