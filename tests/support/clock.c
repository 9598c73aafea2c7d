/* Preloaded, it moves the clock of a process by CLOCK_SHIFT seconds; from the second CLOCK_FROM of
   the epoch on, if that is given, it runs CLOCK_SPEED times as fast. What only goes forward, as
   timers do, is left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long long number(const char *name, long long otherwise) {
    const char *text = getenv(name);
    return text ? atoll(text) : otherwise;
}

static void move(time_t *seconds, long *parts, long second) {
    long long from = number("CLOCK_FROM", 0), speed = from ? number("CLOCK_SPEED", 1) : 1;
    long long fast = *parts * speed;
    *seconds = from + (*seconds - from) * speed + fast / second + number("CLOCK_SHIFT", 0);
    *parts = fast % second;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        move(&now->tv_sec, &now->tv_nsec, 1000000000);
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int result = real(now, zone);
    if (result == 0)
        move(&now->tv_sec, &now->tv_usec, 1000000);
    return result;
}

time_t time(time_t *now) {
    struct timespec read;
    clock_gettime(CLOCK_REALTIME, &read);
    if (now)
        *now = read.tv_sec;
    return read.tv_sec;
}
