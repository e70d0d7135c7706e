// Products with the rows of a block. Dense ones: A is count x p, row after row. Sparse ones: below.
// All other matrices are column-major and packed, unless it says otherwise. Every sum has one
// order, so the same input gives the same bits.
#include "threads.h"

// What every kernel is called with; CudaKernels.java writes the same.
struct Product {
  const void* rows;      // A, or the numbers of S
  const void* operand;   // C (p x k), R (count x k) or the weights w (count)
  void* out;             // Z (count x k), partial sums (slabs x k x p) or sums (p x k)
  long long count;       // rows of A
  long long p;           // columns of A
  long long k;           // columns of the operand; p for a Gram matrix
  long long slab;        // rows of a slab; in sums, the number of slabs
  // Of curvatures alone.
  const void* constants;  // a number for each column of Z
  // Of sparse rows, and first of curvatures.
  long long first;              // subtracted from an index
  const int* starts;            // where in rows and indices a line begins, and where the last ends
  const int* indices;           // which number of a line it is
  const int* pieces;            // the first piece of a column of S
  const int* columnStarts;      // where a piece begins in what follows
  const int* columnIndices;     // rows of the numbers of S, column after column
  const double* columnNumbers;  // these numbers
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

// R = C (Z + 1 c') for the curvatures C of p outputs of each row, of which Z has one or more groups
// of columns: R = W o Z, and where first is 1, R = W o (Z - mean) with the mean of a row's numbers
// weighted by W. rows is W with leading dimension slab, operand Z, constants c. R may be Z, unless
// it lies row after row.
template <typename T, bool BY_ROW>
DEVICE void curve(Product m) {
  const T* w = static_cast<const T*>(m.rows);
  const T* c = static_cast<const T*>(m.constants);
  const T* z = static_cast<const T*>(m.operand);
  T* r = static_cast<T*>(m.out);
  EACH_THREAD(t) {
    const long long i = blockIdx.x * static_cast<long long>(THREADS) + t;
    const long long group = blockIdx.y * m.p;
    if (i < m.count) {
      T total = 0;
      T along = 0;
      for (long long j = 0; m.first == 1 && j < m.p; j++) {
        const T weight = w[j * m.slab + i];
        total += weight;
        along += weight * (z[(group + j) * m.count + i] + c[group + j]);
      }
      const T mean = total == 0 ? T(0) : along / total;
      for (long long j = 0; j < m.p; j++) {
        const long long to = group + j;
        const T value = z[to * m.count + i] + c[to] - mean;
        r[BY_ROW ? i * m.k + to : to * m.count + i] = w[j * m.slab + i] * value;
      }
    }
  }
}

// The sums of the columns of R (count x k) over each slab of rows, slabs x k row after row: every
// 128th number in turn, and these sums in a tree.
template <typename T, bool BY_ROW>
DEVICE void totals(Product m) {
  SHARED double parts[THREADS];
  const T* r = static_cast<const T*>(m.operand);
  const long long column = blockIdx.y;
  const long long begin = blockIdx.x * m.slab;
  const long long end = least(m.count, begin + m.slab);
  EACH_THREAD(t) {
    double sum = 0;
    for (long long i = begin + t; i < end; i += THREADS) {
      sum += static_cast<double>(r[BY_ROW ? i * m.k + column : column * m.count + i]);
    }
    parts[t] = sum;
  }
  for (int half = THREADS / 2; half > 0; half /= 2) {
    BARRIER;
    EACH_THREAD(t) {
      if (t < half) {
        parts[t] += parts[t + half];
      }
    }
  }
  EACH_THREAD(t) {
    if (t == 0) {
      static_cast<double*>(m.out)[blockIdx.x * m.k + column] = parts[0];
    }
  }
}

// Sparse rows are a matrix S of float64, of which the numbers that are not 0 are kept with their
// indices, once row after row and once column after column, both in rising order. Columns are cut
// into pieces of at most some hundred numbers, as a few columns may have most of them.

// Z = L C for lines L, which are rows of S or pieces of its columns: count x p, of which numbers
// outside the p indices from first on are left out. C lies row after row. 32 threads make slab
// columns of a line of Z, slab a power of two: 32 / slab threads take the numbers of a line in
// turn, and their sums are added in a tree.
KERNEL lines(Product m) {
  constexpr int GROUP = 32;
  SHARED double parts[THREADS];
  const double* numbers = static_cast<const double*>(m.rows);
  const double* c = static_cast<const double*>(m.operand);
  double* z = static_cast<double*>(m.out);
  const int columns = static_cast<int>(m.slab);
  const long long line = blockIdx.x * static_cast<long long>(THREADS / GROUP);
  const long long column = blockIdx.y * m.slab;
  EACH_THREAD(t) {
    const long long l = line + t / GROUP;
    const long long j = column + t % columns;
    double sum = 0;
    if (l < m.count && j < m.k) {
      const long long end = m.starts[l + 1];
      for (long long e = m.starts[l] + t % GROUP / columns; e < end; e += GROUP / columns) {
        const long long i = m.indices[e] - m.first;
        if (i >= 0 && i < m.p) {
          sum += numbers[e] * c[i * m.k + j];
        }
      }
    }
    parts[t] = sum;
  }
  for (int half = GROUP / 2; half >= columns; half /= 2) {
    BARRIER;
    EACH_THREAD(t) {
      if (t % GROUP < half) {
        parts[t] += parts[t + half];
      }
    }
  }
  EACH_THREAD(t) {
    const long long l = line + t / GROUP;
    const long long j = column + t % columns;
    if (t % GROUP < columns && l < m.count && j < m.k) {
      z[j * m.count + l] = parts[t];
    }
  }
}

// The sums over the pieces of each column, p x k, of count x k.
KERNEL pieces(Product m) {
  const double* partial = static_cast<const double*>(m.operand);
  double* out = static_cast<double*>(m.out);
  EACH_THREAD(t) {
    const long long e = blockIdx.x * static_cast<long long>(THREADS) + t;
    if (e < m.p * m.k) {
      const long long f = e % m.p;
      double sum = 0;
      for (long long piece = m.pieces[f]; piece < m.pieces[f + 1]; piece++) {
        sum += partial[e / m.p * m.count + piece];
      }
      out[e] = sum;
    }
  }
}

// S' diag(w) S of the count rows from first on, p x p. A block of threads makes a column, down to
// the diagonal: for each number of that column of S, in the order of the rows, it adds its row.
KERNEL sparse_gram(Product m) {
  const double* numbers = static_cast<const double*>(m.rows);
  const double* w = static_cast<const double*>(m.operand);
  const long long column = blockIdx.x;
  double* out = static_cast<double*>(m.out) + column * m.p;
  EACH_THREAD(t) {
    for (long long f = t; f <= column; f += THREADS) {
      out[f] = 0;
    }
  }
  const long long end = m.columnStarts[m.pieces[column + 1]];
  for (long long e = m.columnStarts[m.pieces[column]]; e < end; e++) {
    const long long i = m.columnIndices[e];
    if (i < m.first || i >= m.first + m.count) {
      continue;
    }
    const double factor = w[i - m.first] * m.columnNumbers[e];
    BARRIER;
    EACH_THREAD(t) {
      for (long long s = m.starts[i] + t; s < m.starts[i + 1]; s += THREADS) {
        const long long f = m.indices[s];
        if (f <= column) {
          out[f] += factor * numbers[s];
        }
      }
    }
  }
}

KERNEL curve_f32(Product m) { curve<float, false>(m); }
KERNEL curve_f64(Product m) { curve<double, false>(m); }
KERNEL curve_by_row(Product m) { curve<double, true>(m); }
KERNEL totals_f32(Product m) { totals<float, false>(m); }
KERNEL totals_f64(Product m) { totals<double, false>(m); }
KERNEL totals_by_row(Product m) { totals<double, true>(m); }

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
