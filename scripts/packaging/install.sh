#!/bin/sh
# Installs or updates Sealift from the folder that holds this file. Needs a POSIX shell (busybox too), tar and sha256sum; no network, no
# Node, and no root unless for all users. Nothing is written before the package is verified, and until the last step, a rename, the
# version before stays in use. An installed Sealift uses it for `sealift self`.
set -eu
umask 022
LC_ALL=C
export LC_ALL

usage() {
  cat <<END
Usage: sh install.sh [options]
  --allowed-signers FILE  also check the packer's signature (ssh-keygen -Y verify)
  --for-all               install for all users, in /opt/sealift (root; default for root)
  --for-me                install for this user, in ~/.local/lib/sealift
  --allow-downgrade       install an older version than the one in use

       sealift self rollback             return to the version before the last update
       sealift self uninstall [--purge]  remove Sealift; --purge also removes its data
END
}

say() { printf '%s\n' "$*"; }

# refuse CODE MESSAGE [REMEDY …]: 2 usage, 3 refused, 4 failed.
refuse() {
  code=$1
  say "■ $2" >&2
  shift 2
  [ $# -eq 0 ] || say "  What to do:" >&2
  for remedy in "$@"; do say "  - $remedy" >&2; done
  exit "$code"
}

# word TEXT: the text as one word of a command that a person types.
word() {
  case $1 in '' | *[!A-Za-z0-9_@%+=:,./-]*) ;; *) say "$1"; return ;; esac
  rest=$1 quoted=
  while :; do
    case $rest in *\'*) quoted="$quoted${rest%%\'*}'\\''" rest=${rest#*\'} ;; *) break ;; esac
  done
  say "'$quoted$rest'"
}

has() { command -v "$1" >/dev/null 2>&1; }

main() {
  here=$(CDPATH='' cd -P "$(dirname "$0")" && pwd -P)
  self=$(word "$0")
  scope=; signers=; downgrade=; purge=; action=install
  if [ "${1-}" = self ]; then
    action=${2-}
    case $action in rollback | uninstall) shift 2 ;; *) usage >&2; exit 2 ;; esac
  fi
  while [ $# -gt 0 ]; do
    case $1 in
      --allowed-signers)
        [ -r "${2-}" ] || refuse 2 "--allowed-signers needs a file that can be read, not \"${2-}\"."
        signers=$2
        shift
        ;;
      --for-all) scope=all ;;
      --for-me) scope=me ;;
      --allow-downgrade) downgrade=yes ;;
      --purge) purge=yes ;;
      -h | --help) usage; exit 0 ;;
      *) say "■ Unknown option: $1" >&2; usage >&2; exit 2 ;;
    esac
    shift
  done
  if [ "$action" = install ]; then
    need_linux
    need_tools
    choose_place
    verify_package
    install_package
  else
    find_place
    "$action"
  fi
}

need_linux() {
  [ "$(uname -s)" = Linux ] || refuse 3 "install.sh installs on Linux, and this is $(uname -s)." "Unpack the package for this system, then start bin/sealift in its folder."
}

need_tools() {
  for tool in awk df mkfifo readlink sha256sum tar tee; do
    has "$tool" || refuse 3 "The program $tool is missing, so the package cannot be verified and unpacked." "Install it from the packages of this distribution, or use busybox: PATH=\"\$PATH:FOLDER\" after busybox --install -s FOLDER"
  done
}

# Sets base (holds one folder per version) and bin (holds the link).
choose_place() {
  if [ -z "$scope" ]; then [ "$(id -u)" -eq 0 ] && scope=all || scope=me; fi
  if [ "$scope" = all ]; then
    [ "$(id -u)" -eq 0 ] || refuse 3 "Only root can install Sealift for all users." "Install it for yourself: sh $self --for-me" "Or run it as root: sudo sh $self --for-all"
    base=/opt/sealift
    bin=/usr/local/bin
  else
    [ -d "${HOME-}" ] || refuse 3 "The home folder \"${HOME-}\" does not exist." "Set HOME to a folder of yours, then try again."
    home=$(CDPATH='' cd -P "$HOME" 2>/dev/null && pwd -P) || refuse 3 "The home folder \"$HOME\" cannot be opened." "Set HOME to a folder of yours, then try again."
    owner=$(ls -ldn "$home" | awk '{ print $3 }')
    [ "$(id -u)" -ne 0 ] || [ "$owner" = 0 ] || refuse 3 "The home folder $home belongs to another user, who could not change what root installs there." "Run it as that user, without sudo: sh $self --for-me" "Or install for all users: sh $self --for-all"
    base=$home/.local/lib/sealift
    bin=$home/.local/bin
  fi
}

# The place of the Sealift that called this file.
find_place() {
  tree=${SEALIFT_TREE-$here/..}
  base=$(CDPATH='' cd -P "$tree/.." && pwd -P)
  tree=$(CDPATH='' cd -P "$tree" && pwd -P)
  installed=$base
  for scope in me all; do
    [ "$scope" = me ] || [ "$installed" = /opt/sealift ] || continue
    [ "$scope" = all ] || [ "$installed" = "$(CDPATH='' cd -P "${HOME:-/}" 2>/dev/null && pwd -P)/.local/lib/sealift" ] || continue
    choose_place
    return
  done
  case $tree in /usr/lib/sealift/*) refuse 3 "This Sealift was installed as a Debian package, so it cannot be changed by \`sealift self\`." "To remove it: sudo apt remove sealift" ;; esac
  case $installed in
    */.local/lib/sealift)
      home=${installed%/.local/lib/sealift}
      refuse 3 "This Sealift belongs to the home folder $home, and HOME is \"${HOME-}\"." "Run it as that user, without sudo: HOME=$(word "$home") $(word "$home/.local/bin/sealift") self $action"
      ;;
  esac
  refuse 3 "The Sealift in $tree was not installed by install.sh, so it cannot be changed by \`sealift self\`." "To remove it, delete that folder."
}

# Before anything is written: checksums, signature, machine. Sets version, package, kib, sum and id.
verify_package() {
  for file in SHA256SUMS PACKAGES; do
    [ -r "$here/$file" ] || refuse 3 "$here/$file is missing or cannot be read." "Run install.sh in its own folder on the medium, next to SHA256SUMS and the packages."
  done
  verify_signature
  verify_sum PACKAGES
  verify_sum "$(basename "$0")"
  choose_package
  check_libc
  verify_sum "$package"
  sum=$found
  id=$version+$(printf %.8s "$sum")
}

verify_signature() {
  if [ -z "$signers" ]; then
    [ ! -e "$here/SHA256SUMS.sig" ] || say "▲ The packer's signature was not checked, only the checksums: --allowed-signers was not given."
    return
  fi
  [ -r "$here/SHA256SUMS.sig" ] || refuse 3 "SHA256SUMS is not signed: $here/SHA256SUMS.sig is missing." "Ask the packer for a signed medium."
  has ssh-keygen || refuse 3 "ssh-keygen is missing, so the signature cannot be checked." "Install the OpenSSH client (8.1 or newer)." "Or check the signature on another machine, then install without --allowed-signers."
  principal=$(ssh-keygen -Y find-principals -s "$here/SHA256SUMS.sig" -f "$signers" 2>&1 | head -n 1) || principal=
  if ! answer=$(ssh-keygen -Y verify -f "$signers" -I "$principal" -n sealift -s "$here/SHA256SUMS.sig" <"$here/SHA256SUMS" 2>&1); then
    say "$answer" >&2
    # A system's crypto policy can demand it without the kernel: then only ssh-keygen says so.
    case "$answer:$(cat /proc/sys/crypto/fips_enabled 2>/dev/null)" in
      *"FIPS mode"* | *:1) refuse 3 "The signature could not be checked: this machine is in FIPS mode, which may not allow ed25519 keys." "Check the signature on another machine, then install without --allowed-signers: the checksums are verified anyway." ;;
    esac
    refuse 3 "The signature of SHA256SUMS does not match a key in $signers." "Compare the key in $signers with the one that the packer read out to you." "Do not install this package if they are the same: ask the packer for a new medium."
  fi
  say "● Signature: $principal"
}

# verify_sum FILE: compares a file with SHA256SUMS. Sets found to its checksum.
verify_sum() {
  listed=$(awk -v name="$1" '$2 == name || $2 == "*" name { print $1; exit }' "$here/SHA256SUMS")
  [ -n "$listed" ] || refuse 3 "SHA256SUMS does not list $1." "Ask the packer for a new medium."
  found=$(sha256sum "$here/$1" 2>/dev/null | cut -d ' ' -f 1) || found=
  [ -n "$found" ] || refuse 3 "$here/$1 cannot be read." "Check that the medium is complete and plugged in, then try again."
  [ "$found" = "$listed" ] || refuse 3 "$here/$1 is damaged or was changed: its SHA-256 is $found, and SHA256SUMS lists $listed." "Unplug the medium, plug it in again and retry." "If it stays like this, ask the packer for a new medium."
}

choose_package() {
  machine=$(uname -s)/$(uname -m)
  case $machine in
    Linux/x86_64 | Linux/amd64) platform=linux-x64 ;;
    Linux/aarch64 | Linux/arm64) platform=linux-arm64 ;;
    *) platform= ;;
  esac
  carried=
  while read -r one_platform one_version one_package one_libc one_engine_libc one_kib; do
    carried="$carried${carried:+, }$one_platform"
    [ "$one_platform" = "$platform" ] || continue
    version=$one_version package=$one_package libc=$one_libc engine_libc=$one_engine_libc kib=$one_kib
    return
  done <"$here/PACKAGES"
  refuse 3 "There is no Sealift for this machine ($machine) here: the packages are for $carried." "Install on a machine of that kind, or ask the packer for the package of this one${platform:+: npm run package -- --platform $platform}."
}

check_libc() {
  # It starts the package's programs. A 32-bit system on a 64-bit kernel has another one.
  case $platform in linux-x64) loader=/lib64/ld-linux-x86-64.so.2 ;; *) loader=/lib/ld-linux-aarch64.so.1 ;; esac
  [ -e "$loader" ] || refuse 3 "This system has no 64-bit glibc ($loader is missing); Sealift needs glibc $libc or newer." "Use a 64-bit distribution with glibc, such as Debian, Ubuntu, RHEL or SUSE; Alpine has another one."
  there=$(getconf GNU_LIBC_VERSION 2>/dev/null) || there=
  there=${there#glibc }
  [ -n "$there" ] || return 0
  is_older "$there" "$libc" && refuse 3 "This system's glibc is $there; Sealift needs $libc or newer." "Use a newer release of this distribution, such as Debian 10, Ubuntu 20.04, RHEL 8 or newer."
  is_older "$there" "$engine_libc" && say "▲ The embedded engine (llama.cpp) needs glibc $engine_libc; this system has $there. Model servers in containers are not affected."
  return 0
}

# is_older A B: compares dotted numbers; what follows - or + does not count.
is_older() {
  awk -v a="${1%%[-+]*}" -v b="${2%%[-+]*}" 'BEGIN {
    n = split(a, x, "."); m = split(b, y, ".")
    for (i = 1; i <= n || i <= m; i++) if (x[i] + 0 != y[i] + 0) exit !(x[i] + 0 < y[i] + 0)
    exit 1
  }'
}

install_package() {
  old=$(installed_id)
  if [ -z "$old" ] && { [ -e "$bin/sealift" ] || [ -L "$bin/sealift" ]; }; then
    refuse 3 "$bin/sealift already exists and is not a Sealift that install.sh installed." "Move it away, then try again."
  fi
  if [ "$old" = "$id" ] && starts "$base/$id"; then
    say "● Sealift $version is already installed in $base/$id."
    exit 0
  fi
  [ -z "$old" ] || confirm_downgrade
  check_space
  make_folder "$base"
  make_folder "$bin"
  lock
  # It may be the version before, and still run. What was moved away or damaged is unpacked again.
  if ! starts "$base/$id"; then
    unpack "$base/.part.$$"
    try "$base/.part.$$"
    [ ! -d "$base/$id" ] || mv "$base/$id" "$base/.part.damaged"
    mv "$base/.part.$$" "$base/$id"
    rm -rf "$base/.part.damaged"
  fi
  # Names and contents reach the disk before the link that makes them count.
  sync -f "$base" 2>/dev/null || sync
  [ -z "$old" ] || [ "$old" = "$id" ] || write_file "$base/previous" "$old"
  switch_to "$id"
  remove_others "$id" "$(cat "$base/previous" 2>/dev/null)"
  add_to_menu
  add_completion "$id"
  if [ "$old" = "$id" ]; then say "● Installed Sealift $version again in $base/$id: what was there did not start."
  elif [ -n "$old" ]; then say "● Updated Sealift from ${old%+*} to $version in $base/$id."; else say "● Installed Sealift $version in $base/$id."; fi
  [ -z "$old" ] || [ "$old" = "$id" ] || say "  To return to the version before: sealift self rollback"
  tell_running "$old"
  ! is_shared || say "▲ $base is on a network filesystem, so older versions stay there: other machines may run them. Keep Sealift's data on a disk of this machine: set SEALIFT_HOME."
  tell_start
}

# The folder name of the version in use; empty when none is installed here.
installed_id() {
  target=$(readlink "$bin/sealift" 2>/dev/null) || target=
  case $target in
    "$base"/*/bin/sealift) target=${target#"$base"/}; say "${target%/bin/sealift}" ;;
  esac
}

confirm_downgrade() {
  is_older "$version" "${old%+*}" || return 0
  [ -z "$downgrade" ] || return 0
  if [ -t 0 ]; then
    printf '%s' "Sealift ${old%+*} is installed, which is newer than $version. Install the older one? [y/N] "
    read -r answer || answer=
    case $answer in y | Y | yes) return 0 ;; esac
  fi
  refuse 3 "Sealift ${old%+*} is installed, which is newer than $version." "To install the older one anyway: sh $self --allow-downgrade"
}

check_space() {
  parent=$base
  while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
  [ -w "$parent" ] || refuse 3 "No permission to write in $parent." "Install as the owner of that folder, or for all users as root: sudo sh $self"
  free=$(df -Pk "$parent" 2>/dev/null | awk 'END { print $4 }')
  case $free in '' | *[!0-9]*) return 0 ;; esac
  [ "$free" -ge "$kib" ] || refuse 3 "Not enough free space in $parent: Sealift needs $(((kib + 1023) / 1024)) MiB, and $((free / 1024)) MiB are free." "Free some space there, then try again."
}

make_folder() {
  mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || refuse 3 "No permission to create or write $1." "Install as the owner of that folder, or for all users as root: sudo sh $self"
}

# One change at a time. A lock whose process has ended is taken over.
lock() {
  lock=$base/.lock
  name=$(uname -n)
  if ! mkdir "$lock" 2>/dev/null; then
    owner=$(cat "$lock/pid" 2>/dev/null) || owner=
    host=$(cat "$lock/host" 2>/dev/null) || host=
    if [ -z "$owner" ] || [ "$host" != "$name" ] || kill -0 "$owner" 2>/dev/null || [ -d "/proc/$owner" ]; then
      refuse 3 "Another installation is changing $base${owner:+ (process $owner on $host)}." "Wait until it has ended, then try again." "If there is none: rm -r $(word "$lock")"
    fi
    mv "$lock" "$lock.$$" 2>/dev/null && rm -rf "$lock.$$" && mkdir "$lock" 2>/dev/null || refuse 3 "Another installation is changing $base." "Wait until it has ended, then try again."
  fi
  trap 'rm -rf "$lock" "$base/.part.$$"' EXIT
  trap 'exit 130' HUP INT TERM
  # No program in between: a lock that names no owner can't be taken over.
  say "$name" >"$lock/host"
  say $$ >"$lock/pid"
  # What interrupted installations left.
  rm -rf "$base"/.part.* "$bin"/.sealift.*
}

# Unpacks the package and verifies the bytes as they are unpacked: a medium may return other bytes the second time.
unpack() {
  mkdir "$1"
  mkfifo "$1/.bytes"
  sha256sum <"$1/.bytes" >"$1/.sum" &
  if ! tee "$1/.bytes" <"$here/$package" | tar -xzf - -C "$1"; then
    kill $! 2>/dev/null || :
    [ -r "$here/$package" ] || refuse 4 "$here/$package can no longer be read." "Plug the medium in again, then try again: nothing was changed."
    refuse 4 "The package could not be unpacked to $1." "Check the free space with: df -h $(word "$base")" "Then try again: nothing was changed."
  fi
  wait $!
  read -r passed _ <"$1/.sum"
  [ "$passed" = "$sum" ] || refuse 3 "$here/$package changed while it was read." "Unplug the medium, plug it in again and retry." "If it stays like this, ask the packer for a new medium."
  for folder in "$1"/sealift-*; do
    for entry in "$folder"/*; do mv "$entry" "$1/"; done
    rmdir "$folder"
  done
  rm -f "$1/.bytes" "$1/.sum"
}

# Whether a version is there and runs.
starts() {
  "$1/bin/sealift" --version >/dev/null 2>&1
}

# Starts the new version once before it counts.
try() {
  if answer=$("$1/bin/sealift" --version 2>&1); then return; fi
  case $answer in
    *"shared librar"*) refuse 3 "The new Sealift does not start: $answer" "Install the library that is missing: libstdc++6 on Debian and Ubuntu, libstdc++ on RHEL and SUSE." ;;
    *"ermission denied"*) refuse 3 "The new Sealift does not start: programs may not run from $base." "Check whether that filesystem is mounted noexec: findmnt -T $(word "$base")" "Install for all users instead, as root: sudo sh $self --for-all" ;;
    *) refuse 4 "The new Sealift does not start: $answer" "Nothing was changed. Send this line to whoever packed the medium." ;;
  esac
}

write_file() {
  printf '%s\n' "$2" >"$1.$$"
  mv -f "$1.$$" "$1"
}

# The link leads to a file, so that mv replaces it in one step.
switch_to() {
  ln -s "$base/$1/bin/sealift" "$bin/.sealift.$$"
  mv -f "$bin/.sealift.$$" "$bin/sealift"
}

# Whether other machines may run a version from the same home.
is_shared() {
  case $(stat -f -c %T "$base" 2>/dev/null) in nfs* | cifs | smb*) return 0 ;; esac
  return 1
}

# remove_others ID …: removes all versions but these and those that still run.
remove_others() {
  ! is_shared || return 0
  for one in "$base"/*/; do
    one=${one%/}
    for kept in "$@"; do [ "$one" != "$base/$kept" ] || continue 2; done
    [ -n "$(running_in "$one")" ] || rm -rf "$one" || say "▲ The version in $one, which is not needed any more, could not be removed completely."
  done
}

# running_in FOLDER: the processes whose program is in a folder, as far as this user may see them. One ls for all of them, since a server has
# thousands; it may print odd characters of a folder in another way, so readlink decides.
running_in() {
  for process in $(ls -ln /proc/[0-9]*/exe 2>/dev/null | awk -F / '/ -> .*\/sealift\// { print $3 }'); do
    case $(readlink "/proc/$process/exe" 2>/dev/null) in "$1"/*) printf '%s ' "$process" ;; esac
  done
}

# The entry in the desktop's menu, where there is a desktop.
menu_entry() {
  if [ "$base" = /opt/sealift ]; then say /usr/local/share/applications/sealift.desktop; else say "${XDG_DATA_HOME:-$HOME/.local/share}/applications/sealift.desktop"; fi
}

add_to_menu() {
  has xdg-open || [ -n "${XDG_CURRENT_DESKTOP-}" ] || return 0
  # Such names would need other quotes in a menu entry.
  case $bin in *[\"\$\`\\%]*) return 0 ;; esac
  entry=$(menu_entry)
  # Sealift works without it.
  mkdir -p "$(dirname "$entry")" 2>/dev/null || return 0
  write_file "$entry" "[Desktop Entry]
Type=Application
Name=Sealift
Comment=Self-hosted LLM serving for GitLab Duo
Exec=\"$bin/sealift\"
Terminal=true
Categories=Development;System;"
}

# shell_files: where each shell looks for the completion of a command, one line a shell.
shell_files() {
  if [ "$base" = /opt/sealift ]; then share=/usr/local/share; else share=${XDG_DATA_HOME:-$HOME/.local/share}; fi
  say "bash $share/bash-completion/completions/sealift"
  say "zsh $share/zsh/site-functions/_sealift"
  say "fish $share/fish/vendor_completions.d/sealift.fish"
}

# Sealift works without it, so nothing here fails the installation.
add_completion() {
  shell_files | while read -r shell file; do
    script=$base/$1/lib/completion/$shell
    if [ -r "$script" ] && has "$shell" && mkdir -p "$(dirname "$file")" 2>/dev/null; then
      cp "$script" "$file.$$" 2>/dev/null && mv -f "$file.$$" "$file" 2>/dev/null || rm -f "$file.$$" || :
    else
      rm -f "$file" 2>/dev/null || :
    fi
  done
}

remove_completion() {
  shell_files | while read -r shell file; do
    rm -f "$file" 2>/dev/null || :
    rmdir "$(dirname "$file")" "$(dirname "$(dirname "$file")")" 2>/dev/null || :
  done
}

tell_running() {
  [ -n "$1" ] && [ -n "$(running_in "$base/$1")" ] || return 0
  say "▲ Sealift ${1%+*} is still running here. Close its windows and pages. Its sites continue with it; for each, when it suits: sealift restart --site NAME"
}

tell_start() {
  case :$PATH: in
    *:"$bin":*) say "  Start it: sealift" ;;
    *) say "  Start it: $(word "$bin/sealift")" && say "  To type only sealift, put this line into ~/.profile and log in again: PATH=$(word "$bin"):\"\$PATH\"" ;;
  esac
}

rollback() {
  make_folder "$base"
  lock
  now=$(installed_id)
  before=$(cat "$base/previous" 2>/dev/null) || before=
  [ -n "$before" ] && [ "$before" != "$now" ] && [ -d "$base/$before" ] || refuse 3 "There is no version before ${now%+*} to return to." "Install the wanted version from its medium, with --allow-downgrade."
  # The version that is left stays, so that a second rollback returns to it.
  switch_to "$before"
  write_file "$base/previous" "$now"
  add_completion "$before"
  say "● Sealift ${before%+*} is in use again; ${now%+*} stays in $base/$now."
  tell_running "$now"
}

uninstall() {
  lock
  running=$(running_in "$base")
  [ -z "$running" ] || refuse 3 "Sealift is still running (process ${running% })." "Stop its sites with \`sealift stop\`, or remove them with \`sealift uninstall\`. Close its windows and pages." "Then run \`sealift self uninstall\` again."
  for unit in /etc/systemd/system/sealift-*.service "${XDG_CONFIG_HOME:-${HOME-}/.config}"/systemd/user/sealift-*.service; do
    ! grep -qF "\"$bin/sealift\" " "$unit" 2>/dev/null || refuse 3 "The systemd unit $unit still starts this Sealift." "Remove it: sealift service remove --site NAME" "Then run \`sealift self uninstall\` again."
  done
  data=${SEALIFT_HOME:-${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/sealift}
  if [ -n "$purge" ]; then
    case $(CDPATH='' cd -P "$data" 2>/dev/null && pwd -P) in
      / | "$(CDPATH='' cd -P "${HOME:-/root}" 2>/dev/null && pwd -P)") refuse 3 "$data is not a folder of Sealift's own, so its data cannot be told from other files there." "Remove Sealift without --purge, then remove its data by hand." ;;
    esac
  fi
  [ -z "$(installed_id)" ] || rm -f "$bin/sealift"
  rm -f "$(menu_entry)"
  rmdir "$(dirname "$(menu_entry)")" 2>/dev/null || :
  remove_completion
  # The lock goes with its folder.
  rm -rf "$base"
  say "● Removed Sealift from $base."
  if [ -n "$purge" ]; then
    purge "$data"
  elif [ -d "$data" ]; then
    say "  Its data stays in $data: keys, models, sites and evidence."
  fi
}

# What Sealift keeps in its data folder. Nothing else there is removed: the folder may be a place that holds more.
data_names='attach.sock bundles errors.log errors.log.1 jobs key-notices.jsonl keys llamacpp lock model-server-key packs pushes rehearsal reports serve sites store trust.json window wizard'

purge() {
  for name in $data_names; do rm -rf "${1:?}/$name"; done
  if rmdir "$1" 2>/dev/null || [ ! -e "$1" ]; then
    say "● Removed its data from $1, with keys, models and evidence."
  else
    say "● Removed its data from $1, with keys, models and evidence. What is left there is not Sealift's."
  fi
}

# One line at the end, so that a file that was cut short does nothing.
main "$@"
