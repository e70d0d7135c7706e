#!/usr/bin/env bash
# Checks review.html in a real browser: picks rows, answers ten by the keyboard, saves them, and
# runs the job again with the file. Takes about a minute.
#
# Wants Chromium (CHROMIUM, /usr/bin/chromium by default), Node.js and npm beside JDK and Maven.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../../.."
work=target/browser
rm -rf "$work/first" "$work/second" "$work/answers.csv"
mkdir -p "$work"
npm install --silent --no-audit --no-fund --prefix "$work" playwright-core@1

./submit.sh spark-job/clean-review.conf output.path="$work/first"
cp "$here/review.mjs" "$work/"
node "$work/review.mjs" "$work/first/review.html" "$work/answers.csv"
./submit.sh spark-job/clean-review.conf output.path="$work/second" \
  data.validation.answers="$work/answers.csv"
node -e '
  const {rows} = JSON.parse(require("fs").readFileSync(process.argv[1]));
  if (rows.validation !== 10) throw new Error(`${rows.validation} trusted rows, expected 10`);
  console.log("The page, its answers and the next run agree.");
' "$work/second/summary.json"
