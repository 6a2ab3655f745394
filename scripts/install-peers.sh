#!/bin/sh
# Installs what the benchmarks and some scenario tests compare against: nginx, HAProxy, Caddy, wrk,
# supervisord, Alertmanager (with amtool).
#
# Usage: scripts/install-peers.sh [nginx] [haproxy] [caddy] [wrk] [supervisord] [prometheus-alertmanager]     (all when none is named)
#
# Prints nothing when everything is there. Where it can't install (not root, no apt, no network) it
# lists on stderr what is missing and still exits 0: callers skip what they lack and say so.
set -u
PATH="$PATH:/usr/sbin:/sbin"
POLICY=/usr/sbin/policy-rc.d

missing() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || printf '%s ' "$tool"
  done
}

package_of() {
  case "$1" in
    nginx) echo nginx-light ;;
    supervisord) echo supervisor ;;
    *) echo "$1" ;;
  esac
}

give_up() {
  echo "install-peers: $1; missing: $(missing $tools)" >&2
  exit 0
}

tools="${*:-nginx haproxy caddy wrk supervisord prometheus-alertmanager}"
for tool in $tools; do
  case "$tool" in
    nginx | haproxy | caddy | wrk | supervisord | prometheus-alertmanager) ;;
    *)
      echo "install-peers: unknown peer '$tool' (known: nginx haproxy caddy wrk supervisord prometheus-alertmanager)" >&2
      exit 2
      ;;
  esac
done

wanted="$(missing $tools)"
[ -n "$wanted" ] || exit 0
[ "$(id -u)" = 0 ] || give_up "not root, so nothing was installed"
command -v apt-get >/dev/null 2>&1 || give_up "no apt-get on this system, so nothing was installed"

# On a machine with an init system apt would start each daemon on its standard port. A policy that
# answers 101 forbids that; whatever policy was there before comes back at the end.
saved=""
restore_policy() {
  if [ -n "$saved" ]; then
    mv -f "$saved" "$POLICY"
  else
    rm -f "$POLICY"
  fi
}
if [ -e "$POLICY" ]; then
  saved="$(mktemp "$POLICY.XXXXXX")"
  cp -p "$POLICY" "$saved"
fi
trap restore_policy EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$POLICY"
chmod 755 "$POLICY"

packages=""
for tool in $wanted; do
  packages="$packages $(package_of "$tool")"
done

log="$(mktemp)"
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >>"$log" 2>&1
}
echo "install-peers: installing$packages" >&2
# Package lists may be absent or stale: fetch them only when the first try fails, and then install
# one by one, so that a package the distribution lacks doesn't keep the others out.
if ! install $packages; then
  apt-get update >>"$log" 2>&1
  for package in $packages; do
    install "$package"
  done
fi

left="$(missing $tools)"
if [ -n "$left" ]; then
  tail -n 5 "$log" >&2
  rm -f "$log"
  give_up "apt could not install everything"
fi
rm -f "$log"
exit 0
