#!/usr/bin/env bash
#
# Starts and stops a real Spark cluster on this machine: a master, and workers that are processes of their own, from the
# Spark that submit.sh assembles. conf/standalone/cluster.sh --help says how to use it.

set -euo pipefail

ROOT=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly ROOT

say() { printf 'cluster: %s\n' "$*" >&2; }

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
Usage: conf/standalone/cluster.sh start  [OPTION ...]
       conf/standalone/cluster.sh stop   [--folder FOLDER]
       conf/standalone/cluster.sh status [--folder FOLDER]

A Spark standalone cluster on this machine: a master, and workers that are processes of their own. start prints the address
of the master on stdout when all workers have registered; jobs go there by

    ./submit.sh JOB_FILE -- --master ADDRESS

  --folder FOLDER   of the cluster: process ids, logs, work files of the jobs; default .runtime/cluster of the repository.
                    Each folder holds one cluster; several run side by side on ports of their own
  --host ADDRESS    to listen on; default 127.0.0.1, which no other machine reaches
  --port N          of the master, 0 for any free one; default 7077
  --ui-port N       of the master's web page; default 0, any free one
  --master ADDRESS  start workers only, of the cluster whose master has that address, spark://HOST:PORT
  --workers N       default 2
  --cores N         of each worker; default 1
  --memory SIZE     of each worker, to be shared among its executors; default 1g
  --gpus N          of each worker: worker 1 has the first N that conf/gpu-discovery.sh finds, worker 2 the next N, and so on;
                    default 0
  --spread          give worker i the address 127.0.0.i, so that Spark takes each for a machine of its own; speculation
                    needs two, as it copies a task to another machine only. Linux, and with the default --host
  --timeout N       seconds that start waits for the workers to register; default 60
  --conf key=value  a Spark setting of the master and the workers; may be repeated
  --properties-file FILE
                    more such settings, in the form of spark-defaults.conf: for those that others should not see

SPARK_HOME is respected as by ./submit.sh; so are JAVA_HOME, SPARK_DAEMON_JAVA_OPTS, and SPARK_LOCAL_DIRS for what jobs spill.

Exit codes: 0 done (status: it runs whole) · 1 it failed (status: it does not, or not whole) · 2 wrong command line
USAGE
}

# ------------------------------------------------------------------------------------- processes

# Whether a process that we started for this folder runs. Its number may have gone to another process since: ours names the
# folder in its command line.
runs() { # NAME
  local file=$FOLDER/$1.pid line
  PID=
  [[ -r $file ]] || return 1
  read -r PID < "$file" || return 1
  [[ $PID =~ ^[1-9][0-9]*$ ]] || return 1
  if [[ -r /proc/$PID/cmdline ]]; then
    line=$({ tr '\0' ' ' < "/proc/$PID/cmdline"; } 2> /dev/null) || return 1 # it may end at any moment
  else
    line=$(ps -o args= -p "$PID" 2> /dev/null) || return 1
  fi
  [[ $line == *"$MARK "* ]]
}

# Starts a daemon of Spark in the background; its words go to NAME.log.
launch() { # NAME ADDRESS CLASS ARGUMENT...
  local name=$1 address=$2 class=$3
  shift 3
  local options=()
  : > "$FOLDER/$name.log"
  read -r -a options <<< "${SPARK_DAEMON_JAVA_OPTS:-}"
  (
    cd -- "$FOLDER"
    export SPARK_HOME=$SPARK SPARK_SCALA_VERSION=2.13 SPARK_LOCAL_IP=$address SPARK_LOCAL_DIRS=${SPARK_LOCAL_DIRS:-$FOLDER/local}
    unset SPARK_CONF_DIR SPARK_MASTER_HOST SPARK_MASTER_PORT SPARK_WORKER_CORES SPARK_WORKER_MEMORY SPARK_WORKER_DIR
    exec nohup "$JAVA" "$MARK" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${SETTINGS[@]+"${SETTINGS[@]}"} \
      ${options[@]+"${options[@]}"} -cp "$SPARK/jars/*" "$class" "$@" > "$FOLDER/$name.log" 2>&1 < /dev/null
  ) &
  local child=$!
  printf '%d\n' "$child" > "$FOLDER/$name.pid"
  # Until it bears our mark nobody could stop it.
  until runs "$name" || ! kill -0 "$child" 2> /dev/null; do sleep 0.02; done
}

# The names of all processes that the folder knows of, workers first.
names() {
  local file
  for file in "$FOLDER"/worker-*.pid "$FOLDER"/master.pid; do
    if [[ -e $file ]]; then
      file=${file##*/}
      printf '%s\n' "${file%.pid}"
    fi
  done
}

stop_all() {
  local name tries
  for name in $(names); do
    if runs "$name"; then
      kill "$PID" 2> /dev/null || true # it may have ended meanwhile
      # A worker ends its executors first, which may take a few seconds.
      for ((tries = 0; tries < 100; tries++)); do
        runs "$name" || break
        sleep 0.1
      done
      if runs "$name"; then kill -KILL "$PID" 2> /dev/null || true; fi
    fi
    rm -f -- "$FOLDER/$name.pid"
  done
  rm -rf -- "$FOLDER/local"
  rm -f -- "$FOLDER/url"
}

# ----------------------------------------------------------------------------------------- start

# Fails with the sentence, and with nothing left running.
give_up() { # SENTENCE
  stop_all
  fail "$1"
}

# Waits for a line of NAME.log that matches; FOUND is what the group of the pattern matched.
await() { # NAME PATTERN WHAT
  local line
  while true; do
    while IFS= read -r line; do
      if [[ $line =~ $2 ]]; then
        FOUND=${BASH_REMATCH[1]}
        return
      fi
      if [[ $line == *'BindException: '*'already in use'* || $line == *'Service '*'failed after 0 retries'* ]]; then
        give_up "a port that the $1 needs is taken on $HOST; choose another with --port or --ui-port, or 0 for any free one."
      fi
      if [[ $line == *'Cannot assign requested address'* ]]; then
        give_up "this machine has no address $HOST; choose one that it has with --host."
      fi
    done < "$FOLDER/$1.log"
    runs "$1" || give_up "the $1 ended while it started; $FOLDER/$1.log says why."
    ((SECONDS < TIMEOUT)) ||
      give_up "$3 within $TIMEOUT seconds; see $FOLDER/$1.log, or wait longer with --timeout."
    sleep 0.2
  done
}

find_java() {
  if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then
    JAVA=$JAVA_HOME/bin/java
  else
    JAVA=$(command -v java) || fail 'Java was not found; install a JDK 17 or newer and put it on the PATH, or set JAVA_HOME.'
  fi
}

start() {
  local url i setting address ours list found=()
  [[ -d $FOLDER && -w $FOLDER ]] ||
    fail "$FOLDER cannot be written; choose another with --folder."
  if [[ -n $(names) ]]; then
    for i in $(names); do
      if runs "$i"; then fail "a cluster runs in $FOLDER already; stop it first, or choose another folder with --folder."; fi
    done
  fi
  find_java
  SPARK=$("$ROOT/submit.sh" --spark-home) || exit 1
  # What the last cluster left here, by the names that we give.
  rm -rf -- "$FOLDER"/work "$FOLDER"/local "$FOLDER"/url "$FOLDER"/master.{pid,log} "$FOLDER"/worker-*.{pid,log}
  case $HOST in
    127.* | localhost | ::1) ;;
    *) say "whoever reaches $HOST may run programs as you; docs/cluster.md says how to ask for a secret." ;;
  esac

  # No second door: the REST server of the master, which is open by default, asks for no secret.
  SETTINGS=(-Dlog4j2.configurationFile=org/apache/spark/log4j2-defaults.properties -Dspark.master.rest.enabled=false)
  # A port that is taken is an error, not a reason to try the next one; finished jobs leave their logs for a day.
  SETTINGS+=(-Dspark.port.maxRetries=0 -Dspark.worker.cleanup.enabled=true -Dspark.worker.cleanup.appDataTtl=86400)
  if ((GPUS > 0)); then
    SETTINGS+=("-Dspark.worker.resource.gpu.amount=$GPUS")
    SETTINGS+=("-Dspark.worker.resource.gpu.discoveryScript=$ROOT/conf/gpu-discovery.sh")
    list=$("$ROOT/conf/gpu-discovery.sh") || fail 'the GPUs of this machine were not found, see above; leave out --gpus, or mend that.'
    while [[ $list =~ \"([0-9]+)\"(.*) ]]; do
      found+=("${BASH_REMATCH[1]}")
      list=${BASH_REMATCH[2]}
    done
    ((${#found[@]} >= WORKERS * GPUS)) ||
      fail "$WORKERS workers with $GPUS GPUs each need $((WORKERS * GPUS)), but this machine has ${#found[@]}; start fewer workers, or give them fewer."
  fi
  for setting in ${CONF[@]+"${CONF[@]}"}; do SETTINGS+=("-D$setting"); done

  trap 'stop_all; exit 130' INT
  trap 'stop_all; exit 143' TERM
  SECONDS=0
  url=$MASTER
  if [[ -z $url ]]; then
    launch master "$HOST" org.apache.spark.deploy.master.Master --host "$HOST" --port "$PORT" --webui-port "$UI_PORT" \
      ${PROPERTIES[@]+"${PROPERTIES[@]}"}
    await master 'Starting Spark master at (spark://[^[:space:]]+)' 'the master did not start'
    url=$FOUND
    await master 'MasterWebUI to .*and started at (http://[^[:space:]]+)' 'the web page of the master did not start'
    say "web page of the master: $FOUND"
  fi
  for ((i = 1; i <= WORKERS; i++)); do
    address=$HOST
    if [[ -n $SPREAD ]]; then address=127.0.0.$i; fi
    if ((GPUS > 0)); then
      printf -v ours '%s,' "${found[@]:(i - 1) * GPUS:GPUS}"
      export GPU_DISCOVERY_ONLY=${ours%,}
    fi
    launch "worker-$i" "$address" org.apache.spark.deploy.worker.Worker --host "$address" --cores "$CORES" --memory "$MEMORY" \
      --work-dir "$FOLDER/work/worker-$i" --webui-port 0 ${PROPERTIES[@]+"${PROPERTIES[@]}"} "$url"
  done
  for ((i = 1; i <= WORKERS; i++)); do
    await "worker-$i" '(Successfully registered) with master' "worker $i did not register"
  done
  trap - INT TERM
  printf '%s\n' "$url" > "$FOLDER/url"
  say "$WORKERS workers with $CORES cores and $MEMORY each; files and logs in $FOLDER"
  printf '%s\n' "$url"
}

status() {
  local name whole=yes
  if [[ ! -r $FOLDER/url ]]; then
    say "no cluster runs in $FOLDER"
    return 1
  fi
  for name in $(names); do
    if runs "$name"; then
      say "$name runs as process $PID"
    else
      say "$name has ended; $FOLDER/$name.log says why"
      whole=
    fi
  done
  cat -- "$FOLDER/url"
  [[ -n $whole ]]
}

# ------------------------------------------------------------------------------------ the command

whole_number() { # OPTION VALUE LEAST MOST
  [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] && (($2 >= $3 && $2 <= $4)) ||
    wrong_usage "$1 takes a whole number from $3 to $4, not '$2'."
}

main() {
  local command=${1:-} option value
  case $command in
    -h | --help)
      usage
      return
      ;;
    start | stop | status) shift ;;
    '')
      usage >&2
      wrong_usage 'expected start, stop or status.'
      ;;
    *) wrong_usage "expected start, stop or status, not '$command'; --help shows the options." ;;
  esac
  FOLDER=$ROOT/.runtime/cluster HOST=127.0.0.1 PORT=7077 UI_PORT=0 WORKERS=2 CORES=1 MEMORY=1g TIMEOUT=60 GPUS=0 SPREAD='' MASTER='' CONF=() PROPERTIES=()
  while (($# > 0)); do
    option=$1
    shift
    case $option in
      --*=*)
        value=${option#*=}
        option=${option%%=*}
        ;;
      -h | --help)
        usage
        return
        ;;
      --spread) value=yes ;;
      *)
        (($# > 0)) || wrong_usage "unknown option '$option', or it has no value; --help shows the options."
        value=$1
        shift
        ;;
    esac
    if [[ $option != --folder && $command != start ]]; then
      wrong_usage "$command takes --folder only, not '$option'."
    fi
    case $option in
      --folder)
        [[ -n $value ]] || wrong_usage '--folder is empty; name a folder.'
        FOLDER=$value
        ;;
      --host) HOST=$value ;;
      --master)
        [[ $value == spark://?*:?* ]] || wrong_usage "--master takes an address such as spark://127.0.0.1:7077, not '$value'."
        MASTER=$value
        ;;
      --port)
        whole_number --port "$value" 0 65535
        PORT=$value
        ;;
      --ui-port)
        whole_number --ui-port "$value" 0 65535
        UI_PORT=$value
        ;;
      --workers)
        whole_number --workers "$value" 1 64
        WORKERS=$value
        ;;
      --cores)
        whole_number --cores "$value" 1 1024
        CORES=$value
        ;;
      --memory)
        [[ $value =~ ^[1-9][0-9]*[mMgG]$ ]] || wrong_usage "--memory takes a size such as 1g or 900m, not '$value'."
        MEMORY=$value
        ;;
      --timeout)
        whole_number --timeout "$value" 1 3600
        TIMEOUT=$value
        ;;
      --gpus)
        whole_number --gpus "$value" 0 1024
        GPUS=$value
        ;;
      --spread) SPREAD=yes ;;
      --conf)
        [[ $value == spark.?*=* ]] || wrong_usage "--conf takes a Spark setting such as spark.worker.timeout=60, not '$value'."
        CONF+=("$value")
        ;;
      --properties-file)
        [[ -r $value ]] || wrong_usage "--properties-file names '$value', which cannot be read."
        if [[ $value != /* ]]; then value=$PWD/$value; fi
        PROPERTIES=(--properties-file "$value")
        ;;
      *) wrong_usage "unknown option '$option'; --help shows the options." ;;
    esac
  done
  if [[ -n $SPREAD && $HOST != 127.0.0.1 ]]; then
    wrong_usage "--spread gives workers addresses of this machine alone, which a master at $HOST does not go with; leave out one of them."
  fi
  if [[ $command == start ]]; then mkdir -p -- "$FOLDER" 2> /dev/null || true; fi
  if [[ -d $FOLDER ]]; then FOLDER=$(CDPATH='' cd -- "$FOLDER" && pwd -P); fi
  MARK=-Dspark-bilevel.cluster=$FOLDER
  case $command in
    start) start ;;
    stop)
      if [[ -z $(names) ]]; then say "no cluster runs in $FOLDER"; fi
      stop_all
      ;;
    status) status ;;
  esac
}

main "$@"
