// A stand-in for NVIDIA's driver library, libcuda.so.1, for tests on machines without a GPU.
//
// It has the functions of the driver API that the library calls. Device memory is the host's, and
// kernels are src/main/cuda compiled as C++. As a GPU does, it runs copies and kernels of a stream
// when somebody waits for them, not when they are asked for. It counts what is allocated and
// copied, and fails on request:
//
//     CUDA_STAND_IN_MEMORY   bytes that the device has
//     CUDA_STAND_IN_REPORT   file to which it writes its counters when the process ends
//     standInFail(what, n)   the n-th call from now on of "memory", "module" or "launch" fails; a
//                            launch that failed leaves the context lost; for "full", no memory is
//                            given from the n-th call on
//     standInRepair()        ends all that
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "../../main/cuda/products.cu"

namespace {

enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  INVALID_PTX = 218,
  NOT_FOUND = 500,
  LAUNCH_FAILED = 719
};

using Kernel = void (*)(Product);
using Stream = std::vector<std::function<void()>>;

const std::map<std::string, Kernel> KERNELS = {
    {"multiply_8_f32", multiply_8_f32},     {"multiply_32_f32", multiply_32_f32},
    {"transposed_8_f32", transposed_8_f32}, {"transposed_32_f32", transposed_32_f32},
    {"gram_f32", gram_f32},                 {"sums_f32", sums_f32},
    {"multiply_8_f64", multiply_8_f64},     {"multiply_32_f64", multiply_32_f64},
    {"transposed_8_f64", transposed_8_f64}, {"transposed_32_f64", transposed_32_f64},
    {"gram_f64", gram_f64},                 {"sums_f64", sums_f64},
    {"lines", lines},                       {"pieces", pieces},
    {"sparse_gram", sparse_gram},           {"curve_f32", curve_f32},
    {"curve_f64", curve_f64},               {"curve_by_row", curve_by_row},
    {"totals_f32", totals_f32},             {"totals_f64", totals_f64},
    {"totals_by_row", totals_by_row}};

std::recursive_mutex lock;
std::map<std::string, long long> counters;
std::map<std::string, long long> failing;
std::map<char*, size_t> allocated;
bool initialised = false;
bool lost = false;
thread_local bool current = false;

size_t memory() {
  const char* bytes = std::getenv("CUDA_STAND_IN_MEMORY");
  return bytes ? std::strtoull(bytes, nullptr, 10) : size_t(4) << 30;
}

bool fails(const char* what) {
  auto found = failing.find(what);
  if (found == failing.end() || --found->second > 0) {
    return false;
  }
  failing.erase(found);
  return true;
}

void count(const char* name, long long by) {
  counters[name] += by;
  long long& most = counters[std::string(name) + "Most"];
  most = std::max(most, counters[name]);
}

// Whether an address lies, with so many bytes behind it, in memory that is allocated.
bool isInside(char* at, size_t bytes) {
  auto next = allocated.upper_bound(at);
  if (next == allocated.begin()) {
    return false;
  }
  --next;
  return at + bytes <= next->first + next->second;
}

int state() {
  if (!initialised) {
    return NOT_INITIALIZED;
  }
  return lost ? LAUNCH_FAILED : current ? SUCCESS : INVALID_CONTEXT;
}

struct Report {
  ~Report() {
    if (const char* path = std::getenv("CUDA_STAND_IN_REPORT")) {
      if (FILE* file = std::fopen(path, "w")) {
        for (auto& counter : counters) {
          std::fprintf(file, "%s=%lld\n", counter.first.c_str(), counter.second);
        }
        std::fclose(file);
      }
    }
  }
} report;

}  // namespace

#define API extern "C" __attribute__((visibility("default"))) int
#define LOCKED std::lock_guard<std::recursive_mutex> guard(lock)
#define IN_CONTEXT                  \
  LOCKED;                           \
  if (int wrong = state()) {        \
    return wrong;                   \
  }

extern "C" __attribute__((visibility("default"))) long long standInCounter(const char* name) {
  LOCKED;
  return counters[name];
}

extern "C" __attribute__((visibility("default"))) void standInFail(const char* what, int call) {
  LOCKED;
  failing[what] = call;
}

extern "C" __attribute__((visibility("default"))) void standInRepair() {
  LOCKED;
  lost = false;
  failing.clear();
}

API cuInit(unsigned) {
  LOCKED;
  initialised = true;
  return SUCCESS;
}

API cuDeviceGetCount(int* devices) {
  *devices = 2;
  return initialised ? SUCCESS : NOT_INITIALIZED;
}

API cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return ordinal >= 0 && ordinal < 2 ? SUCCESS : INVALID_DEVICE;
}

API cuDeviceGetName(char* name, int length, int) {
  std::snprintf(name, length, "Stand-in");
  return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = memory();
  return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void** context, int device) {
  LOCKED;
  *context = reinterpret_cast<void*>(static_cast<size_t>(device) + 1);
  count("contexts", 1);
  return SUCCESS;
}

API cuDevicePrimaryCtxRelease_v2(int) {
  LOCKED;
  count("contexts", -1);
  return SUCCESS;
}

API cuCtxSetCurrent(void* context) {
  current = context != nullptr;
  return SUCCESS;
}

API cuModuleLoadData(void** module, const void* image) {
  IN_CONTEXT;
  if (fails("module") || !std::strstr(static_cast<const char*>(image), ".version 7.8")) {
    return INVALID_PTX;
  }
  count("modules", 1);
  *module = strdup(static_cast<const char*>(image));
  return SUCCESS;
}

API cuModuleUnload(void* module) {
  IN_CONTEXT;
  count("modules", -1);
  std::free(module);
  return SUCCESS;
}

API cuModuleGetFunction(void** function, void* module, const char* name) {
  IN_CONTEXT;
  auto kernel = KERNELS.find(name);
  std::string entry = std::string(".entry ") + name + "(";
  if (kernel == KERNELS.end() || !std::strstr(static_cast<char*>(module), entry.c_str())) {
    return NOT_FOUND;
  }
  *function = reinterpret_cast<void*>(kernel->second);
  return SUCCESS;
}

API cuMemAlloc_v2(char** memoryAt, size_t bytes) {
  IN_CONTEXT;
  if (fails("full")) {
    failing["full"] = 1;
    return OUT_OF_MEMORY;
  }
  if (fails("memory") || counters["bytes"] + bytes > memory()) {
    return OUT_OF_MEMORY;
  }
  *memoryAt = static_cast<char*>(std::malloc(bytes));
  std::memset(*memoryAt, 0xff, bytes);  // NaN: who reads what nobody wrote finds out
  allocated[*memoryAt] = bytes;
  count("allocations", 1);
  count("bytes", bytes);
  return SUCCESS;
}

API cuMemFree_v2(char* memoryAt) {
  IN_CONTEXT;
  auto found = allocated.find(memoryAt);
  if (found == allocated.end()) {
    return INVALID_VALUE;
  }
  count("bytes", -static_cast<long long>(found->second));
  allocated.erase(found);
  std::free(memoryAt);
  return SUCCESS;
}

API cuMemHostAlloc(void** at, size_t bytes, unsigned) {
  IN_CONTEXT;
  count("pinned", 1);
  *at = std::malloc(bytes);
  return SUCCESS;
}

API cuMemFreeHost(void* at) {
  IN_CONTEXT;
  count("pinned", -1);
  std::free(at);
  return SUCCESS;
}

API cuMemGetInfo_v2(size_t* free, size_t* total) {
  IN_CONTEXT;
  *total = memory();
  *free = *total - counters["bytes"];
  return SUCCESS;
}

API cuStreamCreate(Stream** stream, unsigned) {
  IN_CONTEXT;
  count("streams", 1);
  *stream = new Stream();
  return SUCCESS;
}

API cuStreamDestroy_v2(Stream* stream) {
  IN_CONTEXT;
  count("streams", -1);
  delete stream;
  return SUCCESS;
}

API cuStreamSynchronize(Stream* stream) {
  {
    IN_CONTEXT;
  }
  Stream work;
  std::swap(work, *stream);
  for (auto& step : work) {
    step();
  }
  return SUCCESS;
}

API cuMemcpyHtoDAsync_v2(char* to, const void* from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isInside(to, bytes)) {
    return INVALID_VALUE;
  }
  count("copiedToDevice", bytes);
  stream->push_back([=] { std::memcpy(to, from, bytes); });
  return SUCCESS;
}

API cuMemcpyDtoHAsync_v2(void* to, char* from, size_t bytes, Stream* stream) {
  IN_CONTEXT;
  if (!isInside(from, bytes)) {
    return INVALID_VALUE;
  }
  count("copiedToHost", bytes);
  stream->push_back([=] { std::memcpy(to, from, bytes); });
  return SUCCESS;
}

API cuMemcpyDtoDAsync_v2(char* to, char* from, size_t bytes, Stream*) {
  IN_CONTEXT;
  if (!isInside(from, bytes) || !isInside(to, bytes)) {
    return INVALID_VALUE;
  }
  std::memcpy(to, from, bytes);
  return SUCCESS;
}

API cuCtxSynchronize() { return SUCCESS; }

API cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned,
                   unsigned, unsigned, Stream* stream, void** parameters, void**) {
  IN_CONTEXT;
  if (fails("launch")) {
    lost = true;
    return LAUNCH_FAILED;
  }
  if (threads != THREADS || x * y * z == 0 || y > 65535 || z > 65535) {
    return INVALID_VALUE;
  }
  count("launches", 1);
  Kernel kernel = reinterpret_cast<Kernel>(function);
  Product product = *static_cast<Product*>(parameters[0]);
  stream->push_back([=] {
    for (unsigned k = 0; k < z; k++) {
      for (unsigned j = 0; j < y; j++) {
        for (unsigned i = 0; i < x; i++) {
          blockIdx = {i, j, k};
          kernel(product);
        }
      }
    }
  });
  return SUCCESS;
}

API cuGetErrorName(int code, const char** name) {
  switch (code) {
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return SUCCESS;
    case INVALID_PTX: *name = "CUDA_ERROR_INVALID_PTX"; return SUCCESS;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; return SUCCESS;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return SUCCESS;
    case INVALID_CONTEXT: *name = "CUDA_ERROR_INVALID_CONTEXT"; return SUCCESS;
    default: return INVALID_VALUE;
  }
}
