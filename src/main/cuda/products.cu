// Products with dense rows: A is count x p, row after row; all other matrices are column-major and
// packed. Every sum has one order, so the same input gives the same bits.
#include "threads.h"

// What every kernel is called with; CudaKernels.java writes the same.
struct Product {
  const void* rows;      // A
  const void* operand;   // C (p x k), R (count x k) or the weights w (count)
  void* out;             // Z (count x k), partial sums (slabs x k x p) or sums (p x k)
  long long count;       // rows of A
  long long p;           // columns of A
  long long k;           // columns of the operand; p for a Gram matrix
  long long slab;        // rows of a slab; in sums, the number of slabs
};

DEVICE long long least(long long a, long long b) { return a < b ? a : b; }

// Z = A C. A block of threads makes 64 rows x COLUMNS numbers of Z, a thread COLUMNS / 2 of them.
// Features pass through shared memory, 32 at a time; each number is summed in their order.
template <typename T, int COLUMNS>
DEVICE void multiply(Product m) {
  constexpr int ROWS = 64;
  constexpr int CHUNK = 32;
  constexpr int OWN = COLUMNS * ROWS / THREADS;
  SHARED T tile[ROWS][CHUNK + 1];
  SHARED T factors[CHUNK][COLUMNS];
  PRIVATE(T, sums, OWN);
  const T* a = static_cast<const T*>(m.rows);
  const T* c = static_cast<const T*>(m.operand);
  T* z = static_cast<T*>(m.out);
  const long long row = blockIdx.x * static_cast<long long>(ROWS);
  const long long column = blockIdx.y * static_cast<long long>(COLUMNS);
  EACH_THREAD(t) {
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      MINE(sums, t)[j] = 0;
    }
  }
  for (long long from = 0; from < m.p; from += CHUNK) {
    EACH_THREAD(t) {
      for (int e = t; e < ROWS * CHUNK; e += THREADS) {
        const long long i = row + e / CHUNK;
        const long long f = from + e % CHUNK;
        tile[e / CHUNK][e % CHUNK] = i < m.count && f < m.p ? a[i * m.p + f] : T(0);
      }
      for (int e = t; e < CHUNK * COLUMNS; e += THREADS) {
        const long long j = column + e / CHUNK;
        const long long f = from + e % CHUNK;
        factors[e % CHUNK][e / CHUNK] = j < m.k && f < m.p ? c[j * m.p + f] : T(0);
      }
    }
    BARRIER;
    EACH_THREAD(t) {
      const int own = t / ROWS * OWN;
      const int features = static_cast<int>(least(CHUNK, m.p - from));
      for (int f = 0; f < features; f++) {
        const T value = tile[t % ROWS][f];
#pragma unroll
        for (int j = 0; j < OWN; j++) {
          MINE(sums, t)[j] += value * factors[f][own + j];
        }
      }
    }
    BARRIER;
  }
  EACH_THREAD(t) {
    const long long i = row + t % ROWS;
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      const long long to = column + t / ROWS * OWN + j;
      if (i < m.count && to < m.k) {
        z[to * m.count + i] = MINE(sums, t)[j];
      }
    }
  }
}

// The matrix R of a product A' R: given, or diag(w) A.
template <typename T, bool GRAM>
DEVICE T right(const Product& m, long long i, long long j) {
  const T* operand = static_cast<const T*>(m.operand);
  return GRAM ? operand[i] * static_cast<const T*>(m.rows)[i * m.p + j] : operand[j * m.count + i];
}

// A' R of each slab of rows. A block of threads makes the sums of 64 features x COLUMNS over the
// rows of one slab, a thread COLUMNS / 2 of them, in the order of the rows. No block adds to what
// another one writes. Of a Gram matrix, blocks below the diagonal are left out.
template <typename T, int COLUMNS, bool GRAM>
DEVICE void transposed(Product m) {
  constexpr int FEATURES = 64;
  constexpr int CHUNK = 32;
  constexpr int OWN = COLUMNS * FEATURES / THREADS;
  SHARED T tile[CHUNK][FEATURES];
  SHARED T factors[CHUNK][COLUMNS + 1];
  PRIVATE(T, sums, OWN);
  const T* a = static_cast<const T*>(m.rows);
  T* partial = static_cast<T*>(m.out);
  const long long feature = blockIdx.x * static_cast<long long>(FEATURES);
  const long long column = blockIdx.z * static_cast<long long>(COLUMNS);
  const long long begin = blockIdx.y * m.slab;
  const long long end = least(m.count, begin + m.slab);
  if (GRAM && feature >= column + COLUMNS) {
    return;
  }
  EACH_THREAD(t) {
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      MINE(sums, t)[j] = 0;
    }
  }
  for (long long from = begin; from < end; from += CHUNK) {
    EACH_THREAD(t) {
      for (int e = t; e < CHUNK * FEATURES; e += THREADS) {
        const long long i = from + e / FEATURES;
        const long long f = feature + e % FEATURES;
        tile[e / FEATURES][e % FEATURES] = i < end && f < m.p ? a[i * m.p + f] : T(0);
      }
      for (int e = t; e < CHUNK * COLUMNS; e += THREADS) {
        // Threads beside each other read what lies beside each other.
        const int r = GRAM ? e / COLUMNS : e % CHUNK;
        const int j = GRAM ? e % COLUMNS : e / CHUNK;
        const bool inside = from + r < end && column + j < m.k;
        factors[r][j] = inside ? right<T, GRAM>(m, from + r, column + j) : T(0);
      }
    }
    BARRIER;
    EACH_THREAD(t) {
      const int own = t / FEATURES * OWN;
      const int rows = static_cast<int>(least(CHUNK, end - from));
      for (int r = 0; r < rows; r++) {
        const T value = tile[r][t % FEATURES];
#pragma unroll
        for (int j = 0; j < OWN; j++) {
          MINE(sums, t)[j] += value * factors[r][own + j];
        }
      }
    }
    BARRIER;
  }
  EACH_THREAD(t) {
    const long long f = feature + t % FEATURES;
#pragma unroll
    for (int j = 0; j < OWN; j++) {
      const long long to = column + t / FEATURES * OWN + j;
      if (f < m.p && to < m.k) {
        partial[(blockIdx.y * m.k + to) * m.p + f] = MINE(sums, t)[j];
      }
    }
  }
}

// The sums of slabs, in float64: every eighth slab in turn, and the eight sums in a tree.
template <typename T>
DEVICE void sums(Product m) {
  constexpr int LANES = 8;
  const T* partial = static_cast<const T*>(m.operand);
  double* out = static_cast<double*>(m.out);
  const long long length = m.p * m.k;
  EACH_THREAD(t) {
    const long long e = blockIdx.x * static_cast<long long>(THREADS) + t;
    if (e < length) {
      double lanes[LANES] = {};
      for (long long s = 0; s < m.slab; s += LANES) {
#pragma unroll
        for (int lane = 0; lane < LANES; lane++) {
          if (s + lane < m.slab) {
            lanes[lane] += static_cast<double>(partial[(s + lane) * length + e]);
          }
        }
      }
      out[e] = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
               ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    }
  }
}

KERNEL multiply_8_f32(Product m) { multiply<float, 8>(m); }
KERNEL multiply_32_f32(Product m) { multiply<float, 32>(m); }
KERNEL transposed_8_f32(Product m) { transposed<float, 8, false>(m); }
KERNEL transposed_32_f32(Product m) { transposed<float, 32, false>(m); }
KERNEL gram_f32(Product m) { transposed<float, 32, true>(m); }
KERNEL sums_f32(Product m) { sums<float>(m); }

KERNEL multiply_8_f64(Product m) { multiply<double, 8>(m); }
KERNEL multiply_32_f64(Product m) { multiply<double, 32>(m); }
KERNEL transposed_8_f64(Product m) { transposed<double, 8, false>(m); }
KERNEL transposed_32_f64(Product m) { transposed<double, 32, false>(m); }
KERNEL gram_f64(Product m) { transposed<double, 32, true>(m); }
KERNEL sums_f64(Product m) { sums<double>(m); }
