#!/bin/sh
# Runs the tests of the execution environments on AWS's own runtime client instead of ours. It is built into a temporary
# folder, which takes about a minute and needs cmake, g++, make, autoconf, automake and libtool.
set -eu
version=${1:-4.0.2}
project=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"
npm init --yes >install.log
npm install --no-audit --no-fund "aws-lambda-ric@$version" >>install.log 2>&1 || { cat install.log >&2; exit 1; }
client=$folder/node_modules/aws-lambda-ric/index.mjs
[ -f "$client" ] || { echo "aws-lambda-ric $version has no index.mjs: it is another than version 4" >&2; exit 1; }
cd "$project"
TEST_RUNTIME_CLIENT=$client npx vitest run \
  test/local/lambda/execution-environment.test.ts \
  test/local/lambda/failures.test.ts \
  test/local/lambda/lambda-function.test.ts \
  test/local/lambda/platform-lines.test.ts
