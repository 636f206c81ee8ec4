// Reads and writes of the packet path: straight to the kernel, since the C library's functions are
// cancellation points in a process with threads and cost 2 % of a forwarded packet.
#pragma once
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// Octets read, or the negative error number.
static inline long cl_packet_read(int descriptor, void *octets, size_t count) {
  long result = syscall(SYS_read, descriptor, octets, count);
  return result < 0 ? -(long)errno : result;
}

// Octets written, or the negative error number.
static inline long cl_packet_write(int descriptor, const void *octets, size_t count) {
  long result = syscall(SYS_write, descriptor, octets, count);
  return result < 0 ? -(long)errno : result;
}
