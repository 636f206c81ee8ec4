// Linux headers that Swift's Glibc module lacks, and inline wrappers for what Swift cannot call:
// variadic functions, GNU-only prototypes, macros. Header only: no C file is compiled.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/if_tunnel.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "atomics.h"
#include "packetio.h"

// GNU-only functions. Defining _GNU_SOURCE instead would turn `sockaddr *` into a union that Swift
// cannot pass.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pipe2(int[2], int);
extern int setxattr(const char *, const char *, const void *, size_t, int);
extern int setns(int, int);
extern const char *strerrordesc_np(int);
extern int pthread_setname_np(pthread_t, const char *);
extern int pthread_attr_setaffinity_np(pthread_attr_t *, size_t, const void *);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

// From headers that need _GNU_SOURCE.
static const int cl_posix_spawn_setsid = 0x80;
static const int cl_clone_newnet = 0x40000000;

// What SO_PEERCRED answers; `struct ucred` needs _GNU_SOURCE.
struct cl_credentials {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};

// Attaches a descriptor of /dev/net/tun to the device `name`, which is cut to 15 characters.
static inline int cl_tun_attach(int descriptor, const char *name, int flags) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = (short)flags;
  return ioctl(descriptor, TUNSETIFF, &request);
}

static inline int cl_open(const char *path, int flags, unsigned mode) {
  return open(path, flags, mode);
}

static inline int cl_fcntl(int descriptor, int command, int argument) {
  return fcntl(descriptor, command, argument);
}

static inline int cl_pidfd_open(int pid) {
  return (int)syscall(SYS_pidfd_open, pid, 0);
}

static inline int cl_pidfd_send_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, (void *)0, 0);
}

static inline int cl_set_parent_death_signal(int signal) {
  return prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0, 0, 0);
}

// Pins threads made from these attributes to one processor; EINVAL past the 1024th.
static inline int cl_thread_attributes_set_processor(pthread_attr_t *attributes, int processor) {
  uint64_t mask[16] = {0};
  if (processor < 0 || processor >= 1024) return EINVAL;
  mask[processor / 64] = UINT64_C(1) << (processor % 64);
  return pthread_attr_setaffinity_np(attributes, sizeof mask, mask);
}

// Asks the processor to load the cache line at `address`.
static inline void cl_prefetch(const void *address) {
  __builtin_prefetch(address);
}
