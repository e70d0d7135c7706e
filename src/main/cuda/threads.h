// One text of a kernel for CUDA and for plain C++, which tests run without a GPU.
//
// A kernel is a sequence of phases with barriers between them. What threads do within a phase
// stands in EACH_THREAD(t) and must not depend on what others do in it. In CUDA the phase is run by
// the thread t; in C++ a loop runs it for one thread after the other. Numbers that a thread keeps
// from phase to phase are a PRIVATE array, and MINE(name, t) is that of thread t.
#ifndef SPARK_BILEVEL_THREADS_H
#define SPARK_BILEVEL_THREADS_H

constexpr int THREADS = 128;

#ifdef __CUDACC__

#define KERNEL extern "C" __global__ void __launch_bounds__(THREADS)
#define DEVICE __device__ __forceinline__
#define SHARED __shared__
#define EACH_THREAD(t) for (int t = threadIdx.x, once = 1; once; once = 0)
#define BARRIER __syncthreads()
#define PRIVATE(T, name, n) T name[n]
#define MINE(name, t) name

#else

struct BlockIndex {
  unsigned x, y, z;
};
static thread_local BlockIndex blockIdx;

#define KERNEL static void
#define DEVICE static inline
#define SHARED
#define EACH_THREAD(t) for (int t = 0; t < THREADS; t++)
#define BARRIER
#define PRIVATE(T, name, n) T name[THREADS][n]
#define MINE(name, t) name[t]

#endif
#endif
