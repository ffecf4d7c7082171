#!/bin/sh
# Starts Sealift with the Node of its own folder, from any folder and through links.
self=$0
case $self in */*) ;; *) self=$(command -v "$self") ;; esac
while [ -L "$self" ]; do
  link=$(readlink "$self")
  case $link in /*) self=$link ;; *) self=${self%/*}/$link ;; esac
done
tree=$(CDPATH= cd -P "${self%/*}/.." && pwd -P) || exit 4
case ${1-} in
  # Works without Node, so that a version that does not start can be replaced by the one before.
  self) shift; SEALIFT_TREE=$tree exec sh "$tree/lib/install.sh" self "$@" ;;
  # For units: they name the link, so that an update or a rollback reaches the service at its next start.
  run-service) shift; exec "$tree/bin/node" "$tree/lib/out/main/service.js" "$@" ;;
esac
exec "$tree/bin/node" "$tree/lib/scripts/launch.mjs" "$@"
