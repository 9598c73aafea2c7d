/* Preloaded, it answers for the names of a test: `lame…` never get an answer, `good…` are 127.0.0.1. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef struct addrinfo Info;

int getaddrinfo(const char *name, const char *service, const Info *hints, Info **found) {
    int (*real)(const char *, const char *, const Info *, Info **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    while (name && strncmp(name, "lame", 4) == 0)
        pause();
    if (name && strncmp(name, "good", 4) == 0)
        name = "127.0.0.1";
    return real(name, service, hints, found);
}
