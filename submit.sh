#!/usr/bin/env bash
#
# Runs a job file or an example on Spark: builds the jar when the sources are newer, assembles Spark from Maven once, and
# becomes the process of spark-submit. The options are those of io.github.sparkbilevel.job.Main; docs/usage.txt is its help.

set -euo pipefail

readonly MAIN=io.github.sparkbilevel.job.Main JAVA_MIN=17 SPARK_LINE=4.1

say() { printf 'spark-bilevel: %s\n' "$*" >&2; }

fail() { # SENTENCE
  printf 'error: %s\n' "$1" >&2
  exit 1
}

self=${BASH_SOURCE[0]}
while [[ -L $self ]]; do
  target=$(readlink -- "$self")
  if [[ $target == /* ]]; then self=$target; else self=$(dirname -- "$self")/$target; fi
done
if [[ $self != */* ]]; then self=./$self; fi
ROOT=$(CDPATH='' cd -- "${self%/*}/" && pwd -P)
readonly ROOT RUNTIME=$ROOT/.runtime

# Sets the variable NAME to the first <tag> of the pom; the project's own version is the first <version>.
from_pom() { # NAME TAG
  local line
  while IFS= read -r line; do
    if [[ $line =~ \<$2\>([^<]+)\</$2\> ]]; then
      printf -v "$1" '%s' "${BASH_REMATCH[1]}"
      return
    fi
  done < "$ROOT/pom.xml"
  fail "$ROOT/pom.xml has no <$2>; restore the file from the repository."
}

# Sets JAVA. The version is read from the JDK's release file where there is one, to save a start of Java.
find_java() {
  if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then
    JAVA=$JAVA_HOME/bin/java
  elif JAVA=$(command -v java); then
    if [[ -n ${JAVA_HOME:-} ]]; then
      say "JAVA_HOME=$JAVA_HOME has no bin/java; using $JAVA."
      unset JAVA_HOME # for Spark's launcher, which would believe it
    fi
  else
    fail "Java was not found; install a JDK $JAVA_MIN or newer and put it on the PATH, or set JAVA_HOME."
  fi
  local home text='' version=''
  home=$(readlink -f -- "$JAVA")
  if [[ -r ${home%/bin/java}/release ]]; then text=$(< "${home%/bin/java}/release"); fi
  if [[ $text =~ JAVA_VERSION=\"([0-9][^\"]*)\" ]]; then
    version=${BASH_REMATCH[1]}
  else
    text=$("$JAVA" -version 2>&1) || fail "$JAVA does not start; check JAVA_HOME and the PATH."
    if [[ $text =~ version\ \"([0-9][^\"]*)\" ]]; then version=${BASH_REMATCH[1]}; fi
  fi
  local major=${version#1.}
  major=${major%%[!0-9]*}
  if ((${major:-0} < JAVA_MIN)); then
    fail "Java ${version:-of unknown version} was found at $JAVA, but Java $JAVA_MIN or newer is needed; install one and set JAVA_HOME to it."
  fi
}

# Maven runs in the repository.
maven() { # WHAT ARGUMENT...
  local what=$1
  shift
  command -v mvn > /dev/null || fail "Maven was not found, and it is needed to $what; install it and put mvn on the PATH."
  local javac=${JAVA%java}javac
  [[ -x $javac ]] || javac=$(readlink -f -- "$JAVA")c
  [[ -x $javac ]] || fail "$JAVA has no compiler beside it, and it is needed to $what; install a JDK, not a JRE."
  # Maven says nothing unless it fails; stdout is the job's.
  if ! (cd -- "$ROOT" && mvn -B -Denforcer.skip=true "$@") > "$RUNTIME/maven.log" 2>&1; then
    grep -E '^\[(ERROR|FATAL)\] [^[]|^Error|^Exception|^[[:space:]]+at ' -- "$RUNTIME/maven.log" >&2 || cat -- "$RUNTIME/maven.log" >&2
    fail "Maven could not $what; its messages are above, and all of them are in $RUNTIME/maven.log."
  fi
}

# One start at a time builds; what is half done when it ends is removed.
lock() {
  if ! mkdir -p -- "$RUNTIME" 2> /dev/null || [[ ! -w $RUNTIME ]]; then
    fail "$RUNTIME cannot be written; run ./submit.sh once as a user who may, or copy the repository."
  fi
  SCRAP=$RUNTIME/building.$$
  trap 'rm -rf -- "$SCRAP"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if command -v flock > /dev/null; then
    exec 9> "$RUNTIME/lock"
    flock -n 9 || { say 'another start is building; waiting for it' && flock 9; }
    return
  fi
  local folder=$RUNTIME/lock.d told=
  until mkdir -- "$folder" 2> /dev/null; do
    if [[ -r $folder/pid ]] && ! kill -0 "$(< "$folder/pid")" 2> /dev/null; then
      rm -rf -- "$folder" # its holder was killed
      continue
    fi
    if [[ -z $told ]]; then say 'another start is building; waiting for it'; fi
    told=yes
    sleep 1
  done
  trap 'rm -rf -- "$SCRAP" "$RUNTIME/lock.d"' EXIT
  printf '%s\n' "$$" > "$folder/pid"
}

unlock() {
  rm -rf -- "$SCRAP" "$RUNTIME/lock.d"
  trap - EXIT INT TERM
  if { : >&9; } 2> /dev/null; then exec 9>&-; fi
}

jar_is_stale() {
  [[ ! -f $JAR ]] || [[ -n $(find "$ROOT/pom.xml" "$ROOT/src/main" -newer "$JAR" -print -quit) ]]
}

build_jar() {
  say "building ${JAR##*/}"
  : > "$SCRAP"
  maven 'build the jar' -Dmaven.test.skip=true -Dspotless.check.skip=true package
  [[ -f $JAR ]] || fail "Maven built no $JAR; run 'mvn -B package' in $ROOT to see why."
  touch -r "$SCRAP" -- "$JAR" # a source that changed while we built is newer than the jar
}

# The runtime of this pom is $ASSEMBLED/jars, links into Maven's repository; $ASSEMBLED/own lists our own dependencies.
runtime_is_stale() {
  [[ -f $ASSEMBLED/own ]] || return 0
  local jar
  for jar in "$ASSEMBLED"/jars/*; do
    [[ -e $jar ]] || return 0 # a dangling link
  done
  return 1
}

# It appears under its name only when it is whole.
assemble_runtime() {
  say "assembling Spark $SPARK_VERSION from Maven into .runtime (once; the first time this downloads some 400 MB)"
  rm -rf -- "$SCRAP"
  mkdir -- "$SCRAP" "$SCRAP/jars"
  maven 'assemble the runtime' "-Druntime.lists=$SCRAP" \
    dependency:build-classpath@everything dependency:build-classpath@own
  local jars
  IFS=: read -r -a jars < "$SCRAP/everything" || true
  ln -s -- "${jars[@]}" "$SCRAP/jars/" 2> /dev/null || cp -- "${jars[@]}" "$SCRAP/jars/" ||
    fail "the jars that $SCRAP/everything lists could not be put into one folder, see above; free some space, or report this."
  rm -rf -- "$ASSEMBLED"
  mv -- "$SCRAP" "$ASSEMBLED"
  ln -sfn -- "${ASSEMBLED##*/}/jars" "$RUNTIME/jars" 2> /dev/null || true # so that .runtime is a SPARK_HOME
}

# Sets SPARK to the Spark to run: SPARK_HOME when it fits, otherwise the assembled one.
choose_spark() {
  SPARK=$ASSEMBLED
  [[ -n ${SPARK_HOME:-} && ! $SPARK_HOME -ef $RUNTIME && ! $SPARK_HOME -ef $ASSEMBLED ]] || return 0
  local jar found='no Spark (no jars/spark-core_*.jar)'
  for jar in "$SPARK_HOME"/jars/spark-core_*.jar; do
    if [[ $jar == */spark-core_2.13-"$SPARK_LINE".*.jar ]]; then
      SPARK=$SPARK_HOME
      return
    fi
    if [[ $jar =~ /spark-core_([^-/*]+)-(.+)\.jar$ ]]; then
      found="Spark ${BASH_REMATCH[2]} for Scala ${BASH_REMATCH[1]}"
    fi
  done
  say "SPARK_HOME=$SPARK_HOME holds $found, but Spark $SPARK_LINE for Scala 2.13 is needed; using the assembled Spark $SPARK_VERSION."
}

# Finds Java, builds what is missing, and sets JAR, ASSEMBLED and SPARK.
prepare() {
  find_java
  local version sum rest
  from_pom version version
  from_pom SPARK_VERSION spark.version
  JAR=$ROOT/target/spark-bilevel-$version.jar
  read -r sum rest < <(cksum < "$ROOT/pom.xml")
  ASSEMBLED=$RUNTIME/spark-$SPARK_VERSION-$sum
  if jar_is_stale || runtime_is_stale; then
    lock
    if jar_is_stale; then build_jar; fi
    if runtime_is_stale; then assemble_runtime; fi
    unlock
  fi
  choose_spark
}

# Spark takes it where neither an option nor a properties file says how much.
default_memory() {
  local half=4096 word kib rest bytes=''
  if [[ -r /proc/meminfo ]] && read -r word kib rest < /proc/meminfo; then half=$((kib / 2048)); fi
  if [[ -r /sys/fs/cgroup/memory.max ]]; then read -r bytes < /sys/fs/cgroup/memory.max || true; fi
  if [[ $bytes =~ ^[0-9]+$ ]] && ((bytes >> 21 < half)); then half=$((bytes >> 21)); fi
  export SPARK_DRIVER_MEMORY=$((half < 4096 ? half : 4096))m
}

main() {
  local word
  for word; do
    case $word in
      --) break ;;
      -h | --help) exec cat -- "$ROOT/docs/usage.txt" ;;
      --spark-home)
        prepare
        printf '%s\n' "$SPARK"
        return
        ;;
    esac
  done
  prepare

  # Relative paths of the job: a driver that a worker starts has another current folder.
  export SPARK_BILEVEL_HOME=$ROOT SPARK_BILEVEL_CURRENT=$PWD
  local java=("$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
  case ${1:-} in
    --example | --verbose | [!-]*) ;;
    *) exec "${java[@]}" -cp "$JAR:$ROOT/conf:$ASSEMBLED/jars/*" "$MAIN" "$@" ;; # no job, so no Spark
  esac

  if [[ -z ${SPARK_CONF_DIR:-} ]]; then
    SPARK_CONF_DIR=$ROOT/conf
    if [[ $SPARK != "$ASSEMBLED" && -r $SPARK/conf/spark-defaults.conf ]]; then SPARK_CONF_DIR=$SPARK/conf; fi
  fi
  export SPARK_HOME=$SPARK SPARK_CONF_DIR SPARK_SCALA_VERSION=2.13 OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
  if [[ -z ${SPARK_ENV_LOADED:-} && -r $SPARK_CONF_DIR/spark-env.sh ]]; then
    export SPARK_ENV_LOADED=1
    set -a
    # shellcheck source=/dev/null
    . "$SPARK_CONF_DIR/spark-env.sh"
    set +a
  fi
  if [[ -z ${SPARK_DRIVER_MEMORY:-} ]]; then default_memory; fi

  # As Spark's own bin/spark-class: Java prints the command, each word ended by a NUL, and bash its exit code.
  local classpath command=() code=0
  classpath=$(printf '%s:' "$JAR" "$SPARK"/jars/spark-launcher_*.jar "$SPARK"/jars/spark-common-utils*.jar)
  while IFS= read -r -d '' word; do
    command+=("$word")
  done < <(
    "${java[@]}" -cp "$classpath$SPARK/jars/*" org.apache.spark.launcher.JobCommand "$ASSEMBLED" "$JAR" "$@" || code=$?
    printf '%d\0' "$code"
  )
  code=${command[${#command[@]} - 1]}
  if [[ $code != 0 ]]; then exit "$code"; fi
  unset 'command[${#command[@]}-1]'
  exec "${command[@]}"
}

main "$@"
