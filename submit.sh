#!/usr/bin/env bash
#
# Runs a job file or an example on Spark: builds the jar when the sources are newer, assembles Spark from Maven once, and
# hands over to org.apache.spark.deploy.SparkSubmit. ./submit.sh --help says how to use it.

set -euo pipefail

MAIN_CLASS=io.github.sparkbilevel.job.Main
readonly EXAMPLES=io.github.sparkbilevel.examples
readonly JAVA_MIN=17
readonly SPARK_LINE=4.1

# ---------------------------------------------------------------------------------------- messages

say() { printf 'spark-bilevel: %s\n' "$*" >&2; }

fail() { # SENTENCE
  printf 'error: %s\n' "$1" >&2
  exit 1
}

wrong_usage() { # SENTENCE
  printf 'error: %s\n' "$1" >&2
  exit 2
}

usage() {
  cat << 'USAGE'
Usage: ./submit.sh JOB_FILE [key=value ...] [-- SPARK_SUBMIT_OPTION ...]
       ./submit.sh --example NAME [key=value ...] [-- SPARK_SUBMIT_OPTION ...]
       ./submit.sh --help | --version | --list | --spark-home

Runs a job file of spark-bilevel on Spark, or one of the examples of docs/java.md.

  JOB_FILE    a HOCON file; --list shows those of spark-job/
  NAME        of an example; --example alone lists them
  key=value   overrides a key of the job file: solver.iterations=20 output.path=/tmp/out
  --          everything after it goes to spark-submit: --master spark://host:7077 --driver-memory 8g --conf key=value
  --verbose   on an error, also print the stack trace
  --spark-home  build what is missing, and print the folder of the Spark that would run

Paths are relative to the current folder first, then to the folder of this script.

Needs JDK 17 or newer and Maven on the PATH. The first start builds the jar and assembles Spark from Maven.
SPARK_HOME, when set and of the right version, is used instead; SPARK_CONF_DIR is respected.
Default master: local[*]. Default driver memory: 4g, or half of the machine's memory where that is less.

Exit codes:
  0  done
  1  anything else: the build, Java, Spark
  2  the job file or the command line is wrong
  3  the data is wrong
  4  the numerics failed (diverged, not finite)
USAGE
}

# --------------------------------------------------------------------------------- where we stand

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

# ------------------------------------------------------------------------------------------- Java

# Sets JAVA and JAVA_VERSION; the version is read from the JDK's release file where there is one, to save a start of Java.
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
  local home line banner
  home=$(readlink -f -- "$JAVA")
  home=${home%/bin/java}
  JAVA_VERSION=
  if [[ -r $home/release ]]; then
    while IFS= read -r line; do
      if [[ $line =~ ^JAVA_VERSION=\"([0-9][^\"]*)\" ]]; then JAVA_VERSION=${BASH_REMATCH[1]}; fi
    done < "$home/release"
  fi
  if [[ -z $JAVA_VERSION ]]; then
    banner=$("$JAVA" -version 2>&1) || fail "$JAVA does not start; check JAVA_HOME and the PATH."
    if [[ $banner =~ version\ \"([0-9][^\"]*)\" ]]; then JAVA_VERSION=${BASH_REMATCH[1]}; fi
  fi
  local major=${JAVA_VERSION#1.}
  major=${major%%[!0-9]*}
  if ((${major:-0} < JAVA_MIN)); then
    fail "Java ${JAVA_VERSION:-of unknown version} was found at $JAVA, but Java $JAVA_MIN or newer is needed; install one and set JAVA_HOME to it."
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

# ---------------------------------------------------------------------------- one start at a time

LOCK_FOLDER=
SCRAP=

tidy() {
  if [[ -n $SCRAP ]]; then rm -rf -- "$SCRAP"; fi
  if [[ -n $LOCK_FOLDER ]]; then rm -rf -- "$LOCK_FOLDER"; fi
  LOCK_FOLDER=
  SCRAP=
}

lock() {
  if ! mkdir -p -- "$RUNTIME" 2> /dev/null || [[ ! -w $RUNTIME ]]; then
    fail "$RUNTIME cannot be written; run ./submit.sh once as a user who may, or copy the repository."
  fi
  trap tidy EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if command -v flock > /dev/null; then
    exec 9> "$RUNTIME/lock"
    if ! flock -n 9; then
      say 'another start is building; waiting for it'
      flock 9
    fi
    return
  fi
  local folder=$RUNTIME/lock.d holder told=
  until mkdir -- "$folder" 2> /dev/null; do
    holder=
    if [[ -r $folder/pid ]]; then read -r holder < "$folder/pid" || true; fi
    if [[ -n $holder ]] && ! kill -0 "$holder" 2> /dev/null; then
      rm -rf -- "$folder" # its holder was killed
      continue
    fi
    if [[ -z $told ]]; then say 'another start is building; waiting for it'; fi
    told=yes
    sleep 1
  done
  LOCK_FOLDER=$folder
  printf '%s\n' "$$" > "$folder/pid"
}

unlock() {
  tidy
  trap - EXIT INT TERM
  if { : >&9; } 2> /dev/null; then exec 9>&-; fi
}

# ---------------------------------------------------------------------------------------- our jar

jar_is_stale() {
  [[ ! -f $JAR ]] || [[ -n $(find "$ROOT/pom.xml" "$ROOT/src/main" -newer "$JAR" -print -quit) ]]
}

build_jar() {
  say "building ${JAR##*/}"
  SCRAP=$RUNTIME/building.$$
  : > "$SCRAP"
  maven 'build the jar' -Dmaven.test.skip=true -Dspotless.check.skip=true package
  [[ -f $JAR ]] || fail "Maven built no $JAR; run 'mvn -B package' in $ROOT to see why."
  touch -r "$SCRAP" -- "$JAR" # a source that changed while we built is newer than the jar
  tidy_scrap
}

tidy_scrap() {
  rm -rf -- "$SCRAP"
  SCRAP=
}

# ------------------------------------------------------------------------------------ the runtime

# The runtime of this pom is $ASSEMBLED/jars, links into Maven's repository; $ASSEMBLED/own lists our own
# dependencies. It appears under its name only when it is whole.
runtime_is_stale() {
  [[ -f $ASSEMBLED/own ]] || return 0
  local jar
  for jar in "$ASSEMBLED"/jars/*; do
    [[ -e $jar ]] || return 0 # a dangling link
  done
  return 1
}

link_jar() { # FROM TO
  ln -s -- "$1" "$2" 2> /dev/null || ln -- "$1" "$2" 2> /dev/null || cp -- "$1" "$2"
}

assemble_runtime() {
  say "assembling Spark $SPARK_VERSION from Maven into .runtime (once; the first time this downloads some 400 MB)"
  SCRAP=$RUNTIME/assembling.$$
  rm -rf -- "$SCRAP"
  mkdir -- "$SCRAP" "$SCRAP/jars"
  maven 'assemble the runtime' "-Druntime.lists=$SCRAP" \
    dependency:build-classpath@everything dependency:build-classpath@own

  local everything own jar name
  IFS=: read -r -d '' -a everything < "$SCRAP/everything" || true
  IFS=: read -r -d '' -a own < "$SCRAP/own" || true
  for jar in "${everything[@]}"; do
    jar=${jar%$'\n'}
    name=${jar##*/}
    [[ ! -e $SCRAP/jars/$name ]] || fail "two dependencies are both called $name; report this."
    link_jar "$jar" "$SCRAP/jars/$name"
  done
  for jar in "${own[@]}"; do
    jar=${jar%$'\n'}
    # ND4J's copies of guava, jackson and protobuf bear their names but are not what Spark has under these names.
    if [[ $jar == */org/nd4j/* ]]; then printf 'always %s\n' "${jar##*/}"; else printf 'unless-there %s\n' "${jar##*/}"; fi
  done > "$SCRAP/own.jars"
  mv -- "$SCRAP/own.jars" "$SCRAP/own"
  rm -f -- "$SCRAP/everything"

  if [[ -e $ASSEMBLED ]]; then mv -- "$ASSEMBLED" "$SCRAP.old"; fi
  mv -- "$SCRAP" "$ASSEMBLED"
  SCRAP=$SCRAP.old
  tidy_scrap
  ln -sfn -- "${ASSEMBLED##*/}/jars" "$RUNTIME/jars" 2> /dev/null || true # so that .runtime is a SPARK_HOME
}

# Sets SPARK to the Spark to run: SPARK_HOME when it fits, otherwise the assembled one.
choose_spark() {
  SPARK=$ASSEMBLED
  [[ -n ${SPARK_HOME:-} ]] || return 0
  [[ ! $SPARK_HOME -ef $RUNTIME && ! $SPARK_HOME -ef $ASSEMBLED ]] || return 0
  local jar found=
  for jar in "$SPARK_HOME"/jars/spark-core_*.jar; do
    if [[ ${jar##*/} == spark-core_2.13-"$SPARK_LINE".*.jar ]]; then
      SPARK=$SPARK_HOME
      return
    fi
    if [[ -e $jar ]]; then found=${jar##*/spark-core_}; fi
  done
  found=${found%.jar}
  if [[ -n $found ]]; then
    found="Spark ${found#*-} for Scala ${found%%-*}"
  else
    found='no Spark (no jars/spark-core_*.jar)'
  fi
  say "SPARK_HOME=$SPARK_HOME holds $found, but Spark $SPARK_LINE for Scala 2.13 is needed; using the assembled Spark $SPARK_VERSION."
}

# Finds Java, builds what is missing, and sets JAR, ASSEMBLED and SPARK.
prepare() {
  find_java
  from_pom VERSION version
  from_pom SPARK_VERSION spark.version
  JAR=$ROOT/target/spark-bilevel-$VERSION.jar
  local sum rest
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

# Sets OWN_JARS to our dependencies that the Spark in use does not bring, separated by commas.
list_own_jars() {
  local when name
  OWN_JARS=
  while read -r when name; do
    if [[ $when != always && $SPARK != "$ASSEMBLED" ]] &&
      compgen -G "$SPARK/jars/${name%%-[0-9]*}-[0-9]*.jar" > /dev/null; then
      continue
    fi
    # Spark reads the list as URIs.
    local path=$ASSEMBLED/jars/$name
    path=${path//%/%25}
    OWN_JARS+=${OWN_JARS:+,}file://${path// /%20}
  done < "$ASSEMBLED/own"
}

# ---------------------------------------------------------------------------------- spark-submit

# Reads what matters to us from the options after `--`: G_master, G_mode, G_memory, G_jars, G_properties and the list G_conf;
# the rest of the options, all but --jars, stays in PASSED.
read_spark_options() {
  G_master='' G_mode='' G_memory='' G_jars='' G_properties='' G_conf=() PASSED=()
  local option value
  while (($# > 0)); do
    option=$1
    shift
    case $option in
      --master | --deploy-mode | --driver-memory | --jars | --properties-file | --conf | -c)
        (($# > 0)) || wrong_usage "the spark-submit option $option has no value; write $option VALUE."
        value=$1
        shift
        ;;
      --master=* | --deploy-mode=* | --driver-memory=* | --jars=* | --properties-file=* | --conf=*)
        value=${option#*=}
        option=${option%%=*}
        ;;
      *)
        PASSED+=("$option")
        continue
        ;;
    esac
    case $option in
      --master) G_master=$value ;;
      --deploy-mode) G_mode=$value ;;
      --driver-memory) G_memory=$value ;;
      --properties-file) G_properties=$value ;;
      --conf | -c) G_conf+=("$value") ;;
      --jars)
        G_jars=$value
        continue
        ;;
    esac
    PASSED+=("$option" "$value")
  done
}

# Sets CONF to the value that KEY has by the options after `--` or by the properties file; empty when it has none.
conf_value() { # KEY
  local line key
  CONF=
  for line in ${G_conf[@]+"${G_conf[@]}"}; do
    if [[ $line == "$1="* ]]; then CONF=${line#*=}; fi
  done
  local file=${G_properties:-$CONF_DIR/spark-defaults.conf}
  if [[ -n $CONF || ! -r $file ]]; then return; fi
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*([^#[:space:]=:][^[:space:]=:]*)[[:space:]]*[=:]?[[:space:]]*(.*)$ ]] || continue
    key=${BASH_REMATCH[1]}
    if [[ $key == "$1" ]]; then
      CONF=${BASH_REMATCH[2]}
      CONF=${CONF%"${CONF##*[![:space:]]}"}
    fi
  done < "$file"
}

# Sets MEMORY to 4g, or to half of the machine's (or the container's) memory where that is less.
default_memory() {
  local mb=8192 key value rest
  if [[ -r /proc/meminfo ]]; then
    while read -r key value rest; do
      if [[ $key == MemTotal: ]]; then mb=$((value / 1024)); fi
    done < /proc/meminfo
  fi
  if [[ -r /sys/fs/cgroup/memory.max ]]; then
    read -r value < /sys/fs/cgroup/memory.max || true
    if [[ $value =~ ^[0-9]+$ ]] && ((value / 1048576 < mb)); then mb=$((value / 1048576)); fi
  fi
  mb=$((mb / 2))
  if ((mb >= 4096)); then MEMORY=4g; else MEMORY=${mb}m; fi
}

# The job file and the overrides; then `--`; then options of spark-submit.
submit() {
  local job=() spark=()
  while (($# > 0)) && [[ $1 != -- ]]; do
    job+=("$1")
    shift
  done
  if (($# > 0)); then shift; fi
  read_spark_options "$@"

  prepare

  # Where Spark's settings are read from.
  if [[ -n ${SPARK_CONF_DIR:-} ]]; then
    CONF_DIR=$SPARK_CONF_DIR
  elif [[ $SPARK != "$ASSEMBLED" && -r $SPARK/conf/spark-defaults.conf ]]; then
    CONF_DIR=$SPARK/conf
  else
    CONF_DIR=$ROOT/conf
  fi
  export SPARK_HOME=$SPARK SPARK_CONF_DIR=$CONF_DIR SPARK_SCALA_VERSION=2.13
  # Relative paths of the job: a driver that a worker starts has another current folder.
  export SPARK_BILEVEL_HOME=$ROOT SPARK_BILEVEL_CURRENT=$PWD
  if [[ -z ${SPARK_ENV_LOADED:-} && -r $CONF_DIR/spark-env.sh ]]; then
    export SPARK_ENV_LOADED=1
    set -a
    # shellcheck source=/dev/null
    . "$CONF_DIR/spark-env.sh"
    set +a
  fi

  conf_value spark.master
  local master=${G_master:-$CONF}
  if [[ -z $master ]]; then
    master='local[*]'
    spark+=(--master "$master")
  fi
  case $master in
    local | local\[* | local-cluster\[* | spark://127.* | spark://localhost:*) export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1} ;;
  esac

  conf_value spark.driver.memory
  if [[ -z $G_memory$CONF && -z ${SPARK_DRIVER_MEMORY:-} ]]; then
    default_memory
    spark+=(--driver-memory "$MEMORY")
  fi

  # One thread for each task: Spark runs as many tasks at once as there are cores.
  export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
  conf_value spark.executorEnv.OMP_NUM_THREADS
  if [[ -z $CONF ]]; then spark+=(--conf "spark.executorEnv.OMP_NUM_THREADS=$OMP_NUM_THREADS"); fi

  # Executors that start from the assembled runtime have our dependencies; all others are sent them.
  conf_value spark.jars
  local jars=${G_jars:-$CONF}
  if [[ $SPARK != "$ASSEMBLED" || $master != local* ]]; then
    list_own_jars
    jars=$OWN_JARS${jars:+,$jars}
  fi
  if [[ -n $jars ]]; then spark+=(--jars "$jars"); fi

  # Java options of ours go by the `default…` keys, which Spark puts before the user's `extra…` ones.
  local java_options=''
  if [[ ! -r $CONF_DIR/log4j2.properties ]]; then
    java_options+=" \"-Dlog4j2.configurationFile=file:${ROOT// /%20}/conf/log4j2.properties\""
  fi
  if [[ ! -w ${HOME:-/nowhere} ]]; then # where JavaCPP would unpack native libraries
    java_options+=" \"-Dorg.bytedeco.javacpp.cachedir=$RUNTIME/javacpp\""
  fi
  if [[ -n $java_options ]]; then
    conf_value spark.driver.defaultJavaOptions
    spark+=(--conf "spark.driver.defaultJavaOptions=${java_options# }${CONF:+ $CONF}")
  fi

  # As Spark's own bin/spark-class: the launcher prints a line with a NUL, then the command, each word ended by a NUL.
  local launcher=("$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1)
  local classpath word command=() code
  classpath=$(printf '%s:' "$SPARK"/jars/spark-launcher_*.jar "$SPARK"/jars/spark-common-utils*.jar)
  while IFS= read -r -d '' word; do
    command+=("$word")
  done < <(
    "${launcher[@]}" -cp "$classpath$SPARK/jars/*" org.apache.spark.launcher.Main \
      org.apache.spark.deploy.SparkSubmit --class "$MAIN_CLASS" ${spark[@]+"${spark[@]}"} ${PASSED[@]+"${PASSED[@]}"} "$JAR" "${job[@]}"
    printf '%d\0' $?
  )
  code=${command[${#command[@]} - 1]}
  unset 'command[${#command[@]}-1]'
  if [[ ! $code =~ ^[0-9]+$ ]]; then
    printf '%s\n' "$code" >&2
    fail 'the launcher of Spark failed; its messages are above.'
  fi
  if [[ $code != 0 ]]; then exit "$code"; fi
  # What came before the command: nothing, or words of the launcher for the user.
  if [[ -n ${command[0]} ]]; then printf '%s\n' "${command[0]}" >&2; fi
  command=("${command[@]:1}")
  command[0]=${command[0]#$'\n'}
  for word in "${command[@]}"; do
    # What the launcher makes of options that it does not know; it has said which.
    if [[ $word == --usage-error ]]; then
      wrong_usage "spark-submit does not take the options after --, see above; expected those of Spark $SPARK_VERSION, such as --master or --conf key=value."
    fi
  done
  conf_value spark.submit.deployMode
  if [[ ${G_mode:-$CONF} == cluster && $master == spark://* ]]; then flags_for_driver; fi
  if [[ $SPARK == "$ASSEMBLED" && $CONF_DIR == "$ROOT/conf" && ($master == local || $master == local\[*) ]]; then
    run_with_archive
  fi
  exec "${command[@]}"
}

# Spark starts every JVM with its flags of modules but the driver that a worker of a standalone cluster starts. Without the
# Vector API its sums would be rounded in another order, so this gives it the flags that spark-submit itself has, and our
# defaults, which do not reach it either. The last --conf of a key counts, and --class follows them all.
flags_for_driver() {
  local key=spark.driver.extraJavaOptions flags='' theirs i word
  conf_value "$key"
  theirs=$CONF
  conf_value spark.driver.defaultJavaOptions
  for ((i = 1; i < ${#command[@]}; i++)); do
    word=${command[i]}
    case $word in
      org.apache.spark.deploy.SparkSubmit) break ;;
      -XX:+IgnoreUnrecognizedVMOptions | --add-*=* | -Djdk.reflect.* | -Dio.netty.*) flags+="$word " ;;
    esac
  done
  for (( ; i < ${#command[@]}; i++)); do
    word=${command[i]}
    if [[ $word == "$key="* ]]; then theirs=${word#*=}; fi
    if [[ $word == --class ]]; then
      command=("${command[@]:0:i}" --conf "$key=$flags${java_options# } $CONF $theirs" "${command[@]:i}")
      return
    fi
  done
}

# A quarter of a short job is Java reading Spark's classes. The first run in this JVM leaves them in an archive that later
# runs map. Java takes no archive of a class path with folders that hold files, so conf/ goes: we name what it reads there.
run_with_archive() {
  local archive=$ASSEMBLED/classes-$JAVA_VERSION.jsa draft i code=0 child
  for ((i = 1; i < ${#command[@]}; i++)); do
    if [[ ${command[i - 1]} == -cp ]]; then command[i]=${command[i]#"$CONF_DIR/:"}; fi
  done
  local options=('-Xlog:cds*=off' "-Dlog4j2.configurationFile=file:${ROOT// /%20}/conf/log4j2.properties")
  if [[ -r $archive ]]; then
    exec "${command[0]}" "-XX:SharedArchiveFile=$archive" "${options[@]}" "${command[@]:1}"
  fi
  if [[ ! -w $ASSEMBLED ]]; then exec "${command[0]}" "${options[@]}" "${command[@]:1}"; fi
  draft=$archive.$$
  say 'the first run keeps the classes it loads, so that later ones start faster; this takes a few seconds at its end'
  # Without job control Java would ignore SIGINT, as all commands in the background do. With it Java is in a group of its
  # own and gets the signals that we pass on, from the terminal or not.
  set -m
  "${command[0]}" "-XX:ArchiveClassesAtExit=$draft" "${options[@]}" "${command[@]:1}" &
  child=$!
  trap 'kill -INT "$child" 2> /dev/null || true' INT
  trap 'kill -TERM "$child" 2> /dev/null || true' TERM
  while true; do
    code=0
    wait "$child" || code=$?
    kill -0 "$child" 2> /dev/null || break # otherwise a signal ended the wait, not Java
  done
  if [[ $code == 0 && -s $draft ]]; then mv -f -- "$draft" "$archive"; else rm -f -- "$draft"; fi
  exit "$code"
}

# -------------------------------------------------------------------------------- the other faces

list_jobs() {
  local file line first
  for file in "$ROOT"/spark-job/*.conf; do
    [[ -f $file ]] || continue
    first=
    while IFS= read -r line || [[ -n $line ]]; do
      if [[ $line =~ ^[[:space:]]*#+[[:space:]]*(.*[^[:space:]]) ]]; then
        first=${BASH_REMATCH[1]}
        break
      fi
    done < "$file"
    printf '%-40s %s\n' "spark-job/${file##*/}" "$first"
  done
}

# The examples, a line each.
list_examples() {
  cat << 'LIST'
CleanThenForest  Clean noisy digits, then train MLlib's random forest on the rows kept, with their weights.
TuneInPipeline   Tune a penalty for each pixel inside a Pipeline, and convert the model to Spark's own.
ScoreStream      Flag wrong labels in files as they arrive, by Structured Streaming.
LIST
}

# An example and its settings; then `--`; then options of spark-submit.
example() {
  local name=${1:-} listed rest found=
  if [[ -z $name || $name == -- ]]; then
    list_examples >&2
    wrong_usage 'no example was named; write ./submit.sh --example NAME with one of the names above.'
  fi
  while read -r listed rest; do
    if [[ $listed == "$name" ]]; then found=yes; fi
  done < <(list_examples)
  if [[ -z $found ]]; then
    list_examples >&2
    wrong_usage "there is no example '$name'; write ./submit.sh --example NAME with one of the names above."
  fi
  shift
  MAIN_CLASS=$EXAMPLES.$name
  submit ${verbose[@]+"${verbose[@]}"} "$@"
}

print_version() {
  find_java
  from_pom VERSION version
  from_pom SPARK_VERSION spark.version
  printf 'spark-bilevel %s (Spark %s, Java %s)\n' "$VERSION" "$SPARK_VERSION" "$JAVA_VERSION"
}

main() {
  local file='' word arguments=() verbose=()
  while (($# > 0)); do
    word=$1
    case $word in
      --) break ;;
      -h | --help)
        usage
        return
        ;;
      --version)
        print_version
        return
        ;;
      --list)
        list_jobs
        return
        ;;
      --spark-home)
        prepare
        printf '%s\n' "$SPARK"
        return
        ;;
      --example)
        if [[ -n $file ]]; then
          wrong_usage "--example comes first, but it stands after the job file '$file'; write ./submit.sh --example NAME."
        fi
        shift
        example "$@"
        return
        ;;
      --verbose) verbose=(--verbose) ;;
      -*) wrong_usage "unknown option $word; options of spark-submit go after --, and ./submit.sh --help shows the others." ;;
      *)
        if [[ -z $file ]]; then
          if [[ -z $word || ($word == *=* && ! -e $word && ! -e $ROOT/$word) ]]; then
            wrong_usage "the first argument must be a job file, but it is '$word'; ./submit.sh --list shows the job files."
          fi
          file=$word
        elif [[ $word == [!=]*=* ]]; then
          arguments+=("$word")
        else
          wrong_usage "after the job file come key=value overrides, but '$word' is none; write key=value, or put options of spark-submit after --."
        fi
        ;;
    esac
    shift
  done
  if [[ -z $file ]]; then
    usage >&2
    wrong_usage 'no job file was given; ./submit.sh --list shows those of spark-job/.'
  fi
  submit ${verbose[@]+"${verbose[@]}"} "$file" ${arguments[@]+"${arguments[@]}"} "$@"
}

main "$@"
