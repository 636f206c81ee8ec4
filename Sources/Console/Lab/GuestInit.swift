/// The first process of a User-mode Linux guest.
enum GuestInit {
  /// A bash script.
  ///
  /// The guest's root is the machine's own, read-only, so every installed program is there; what
  /// must be written lives in memory.
  ///
  /// Kernel parameters: `lab=FOLDER` (what the guest may see of the lab), `guest=NAME`.
  /// The guest runs each `FOLDER/NAME/jobs/N.sh` once, in the background, and leaves `N.out` and at
  /// last `N.rc`. Idling and starting a job take no fork, because a fork costs tens of milliseconds
  /// here.
  static let script = #"""
    #!/bin/bash
    export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    for word in $(</proc/cmdline); do
      case $word in
        lab=*) lab=${word#lab=} ;;
        guest=*) guest=${word#guest=} ;;
      esac
    done
    for folder in /run /tmp /var/log /var/tmp /mnt; do
      mount -t tmpfs -o mode=1777 tmpfs $folder
    done
    mkdir -p /dev/pts /dev/shm /run/lock /run/modules/lib/modules "$lab"
    ln -s /proc/self/fd /dev/fd
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t hostfs -o "$lab" none "$lab"

    # Everything IPsec needs is loaded at once; then the kernel's own look-ups are turned off, since
    # each of the thirty that the first security association makes would fork a modprobe.
    release=$(</proc/sys/kernel/osrelease)
    ln -s "/usr/lib/uml/modules/$release" "/run/modules/lib/modules/$release"
    modprobe -d /run/modules -q -a xfrm_user esp4 ah4 xfrm4_tunnel ipip tun gcm ctr cbc hmac \
      authenc authencesn seqiv echainiv ghash-generic sha512_generic jitterentropy_rng drbg
    echo > /proc/sys/kernel/modprobe

    printf '%s\n' "$guest" > /proc/sys/kernel/hostname
    ip link set lo up
    jobs=$lab/$guest/jobs
    mkfifo /run/clock
    exec 9<> /run/clock
    shopt -s nullglob
    declare -A seen
    cd /
    echo up > "$jobs/up"
    while [[ ! -e $jobs/halt ]]; do
      for script in "$jobs"/*.sh; do
        job=${script%.sh}
        [[ ${seen[$job]-} ]] && continue
        seen[$job]=1
        {
          (. "$script") > "$job.out" 2>&1 < /dev/null
          echo $? > "$job.rc"
        } 9<&- &
      done
      read -r -t 0.1 -u 9
    done
    poweroff -f
    """# + "\n"
}
