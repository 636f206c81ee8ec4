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
#include <linux/xfrm.h>

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

// Makes the attached device outlive its queues (1), or go with them (0).
static inline int cl_tun_set_persistent(int descriptor, int persistent) {
  return ioctl(descriptor, TUNSETPERSIST, (unsigned long)persistent);
}

// Lets a user without privileges attach queues to the device.
static inline int cl_tun_set_owner(int descriptor, unsigned user) {
  return ioctl(descriptor, TUNSETOWNER, (unsigned long)user);
}

// The name of the device that a queue belongs to; `name` has room for IFNAMSIZ octets.
static inline int cl_tun_get_name(int descriptor, char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  int result = ioctl(descriptor, TUNGETIFF, &request);
  memcpy(name, request.ifr_name, IFNAMSIZ);
  name[IFNAMSIZ - 1] = 0;
  return result;
}

// The most descriptors that one message carries here; the kernel's own limit is 253.
static const int cl_most_descriptors = 64;

// Sends one datagram, and copies of descriptors with it (SCM_RIGHTS); EINVAL for too many.
static inline long cl_send_descriptors(
    int socket, const struct sockaddr *address, socklen_t address_length, const void *octets,
    size_t count, const int *descriptors, size_t descriptor_count) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(64 * sizeof(int))];
  } control;
  struct iovec part = {(void *)octets, count};
  struct msghdr message;
  if (descriptor_count > (size_t)cl_most_descriptors) {
    errno = EINVAL;
    return -1;
  }
  memset(&message, 0, sizeof message);
  message.msg_name = (void *)address;
  message.msg_namelen = address_length;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor_count > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.room;
    message.msg_controllen = CMSG_SPACE(descriptor_count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptor_count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, descriptor_count * sizeof(int));
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL);
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
