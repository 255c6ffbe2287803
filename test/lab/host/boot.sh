# The first process of a lab host: makes the container fit for an engine of its own, then runs sshd and dockerd.
# Given by the lab: LAB_CGROUP_PARENT, LAB_AUTHORIZED_KEY.
set -u

mount -o remount,rw /proc/sys 2>/dev/null || true

cgroup_args="--exec-opt native.cgroupdriver=cgroupfs"
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v2: a group that delegates controllers may hold no process of its own, so the processes move down first.
  mount -o remount,rw /sys/fs/cgroup 2>/dev/null || true
  mkdir -p /sys/fs/cgroup/init
  xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
  sed -e 's/ / +/g' -e 's/^/+/' </sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
else
  # cgroup v1 is shared with the machine: everything of this host goes under one parent that the lab can remove.
  cgroup_args="$cgroup_args --cgroup-parent $LAB_CGROUP_PARENT"
fi

mkdir -p /run/sshd /root/.ssh
chmod 700 /root/.ssh
printf '%s\n' "$LAB_AUTHORIZED_KEY" >/root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys

# A host key of this host's own, made at its first start; the keys that the package made are in every copy of the image.
host_key=/etc/ssh/lab_host_ed25519_key
[ -f "$host_key" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$host_key"

/usr/sbin/sshd -D -e -h "$host_key" -o HostKey="$host_key" -o UsePAM=no -o UseDNS=no -o PasswordAuthentication=no \
  -o PermitRootLogin=prohibit-password -o MaxStartups=200 -o MaxSessions=200 -o PrintMotd=no &

# When an engine ends by itself, the host is lost; one that is to be restarted leaves its containers to the next one.
while :; do
  rm -f /run/restart-engine
  # shellcheck disable=SC2086 # two or three separate words on purpose
  dockerd $cgroup_args --host unix:///var/run/docker.sock --log-level warn &
  # dash also reaps the orphans of a container's processes while it waits.
  wait "$!"
  [ -e /run/restart-engine ] || break
done
