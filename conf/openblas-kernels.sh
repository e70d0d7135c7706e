# Sets OPENBLAS_CORETYPE for processes of this machine, unless it is set; to be sourced by bash.
#
# The OpenBLAS of ND4J is older than many CPUs. One that it does not know it takes for a Pentium 4, which is more than 2 times
# slower, and for AVX-512 some of its float64 kernels are wrong. Those for Haswell are right wherever there is AVX2.

if [[ -z ${OPENBLAS_CORETYPE:-} && -r /proc/cpuinfo ]]; then
  while IFS= read -r cpu_flags; do
    if [[ $cpu_flags == flags* ]]; then
      if [[ " $cpu_flags " == *' avx2 '* && " $cpu_flags " == *' fma '* ]]; then export OPENBLAS_CORETYPE=Haswell; fi
      break
    fi
  done < /proc/cpuinfo
  unset cpu_flags
fi
