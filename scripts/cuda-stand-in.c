/* A stand-in for libcuda: the part of NVIDIA's driver that cubecl-cuda 0.11.3 calls, for scripts/check-cuda-compilation.sh.
 *
 * It pretends to be one Hopper GPU (sm_90). Device memory is host memory, copies copy, kernels are written to the folder
 * STAND_IN_PTX instead of being run. So everything up to the driver happens, compilation of each kernel included, and all
 * results are wrong. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t pointer;

static int object;

static void *new_object(void) { return calloc(1, 64); }

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

/* The device. */
int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int *version) { *version = 12090; return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return index == 0 ? 0 : 101; }
int cuDeviceGetName(char *name, int length, int device) {
    snprintf(name, length, "stand-in for an H100");
    return 0;
}
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)16 << 30; return 0; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { *free = *total = (size_t)16 << 30; return 0; }
int cuDeviceGetPCIBusId(char *id, int length, int device) { snprintf(id, length, "0000:01:00.0"); return 0; }
int cuDeviceGetUuid(char *uuid, int device) { memset(uuid, 7, 16); return 0; }
int cuDeviceGetUuid_v2(char *uuid, int device) { return cuDeviceGetUuid(uuid, device); }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
    /* CUdevice_attribute and what an H100 answers. */
    static const int known[][2] = {
        {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, 2147483647}, {6, 65535}, {7, 65535}, {8, 49152}, {10, 32},
        {12, 65536}, {16, 132}, {75, 9}, {76, 0}, {81, 233472}, {82, 65536}, {97, 232448}, {115, 1},
    };
    *value = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i][0] == attribute) *value = known[i][1];
    return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) { *context = &object; return 0; }
int cuCtxSetCurrent(void *context) { return 0; }
int cuCtxGetCurrent(void **context) { *context = &object; return 0; }
int cuCtxGetDevice(int *device) { *device = 0; return 0; }
int cuCtxGetStreamPriorityRange(int *least, int *greatest) { *least = 0; *greatest = -5; return 0; }

/* Streams and events; events take the host's time. */
int cuStreamCreate(void **stream, unsigned flags) { *stream = new_object(); return 0; }
int cuStreamCreateWithPriority(void **stream, unsigned flags, int priority) { *stream = new_object(); return 0; }
int cuStreamDestroy_v2(void *stream) { free(stream); return 0; }
int cuStreamSynchronize(void *stream) { return 0; }
int cuStreamWaitEvent(void *stream, void *event, unsigned flags) { return 0; }
int cuEventCreate(void **event, unsigned flags) { *event = new_object(); return 0; }
int cuEventDestroy_v2(void *event) { free(event); return 0; }
int cuEventRecord(void *event, void *stream) { *(double *)event = milliseconds(); return 0; }
int cuEventSynchronize(void *event) { return 0; }
int cuEventElapsedTime(float *passed, void *from, void *to) { *passed = *(double *)to - *(double *)from; return 0; }
int cuEventElapsedTime_v2(float *passed, void *from, void *to) { return cuEventElapsedTime(passed, from, to); }

/* Memory. */
int cuMemAlloc_v2(pointer *memory, size_t bytes) {
    size_t rounded = (bytes + 1023) / 512 * 512;
    void *found = aligned_alloc(512, rounded);
    if (!found) return 2;
    *memory = (pointer)memset(found, 0, rounded);
    return 0;
}
int cuMemAllocAsync(pointer *memory, size_t bytes, void *stream) { return cuMemAlloc_v2(memory, bytes); }
int cuMemFree_v2(pointer memory) { free((void *)memory); return 0; }
int cuMemFreeAsync(pointer memory, void *stream) { return cuMemFree_v2(memory); }
int cuMemAllocHost_v2(void **memory, size_t bytes) { *memory = malloc(bytes); return *memory ? 0 : 2; }
int cuMemFreeHost(void *memory) { free(memory); return 0; }
int cuMemcpyHtoDAsync_v2(pointer to, const void *from, size_t bytes, void *stream) {
    memcpy((void *)to, from, bytes);
    return 0;
}
int cuMemcpyDtoDAsync_v2(pointer to, pointer from, size_t bytes, void *stream) {
    memmove((void *)to, (void *)from, bytes);
    return 0;
}
int cuMemcpyDtoHAsync_v2(void *to, pointer from, size_t bytes, void *stream) {
    /* ddrank tries a device by adding four ones; the only answer that is right. */
    static const float four = 4.0f;
    memcpy(to, bytes == sizeof four ? (const void *)&four : (const void *)from, bytes);
    return 0;
}
typedef struct {
    size_t from_x, from_y;
    unsigned from_kind;
    const void *from_host;
    pointer from_device;
    void *from_array;
    size_t from_pitch;
    size_t to_x, to_y;
    unsigned to_kind;
    void *to_host;
    pointer to_device;
    void *to_array;
    size_t to_pitch, width, height;
} copy;
int cuMemcpy2DAsync_v2(const copy *c, void *stream) {
    const char *from = c->from_kind == 1 ? c->from_host : (const char *)c->from_device;
    char *to = c->to_kind == 1 ? c->to_host : (char *)c->to_device;
    from += c->from_y * c->from_pitch + c->from_x;
    to += c->to_y * c->to_pitch + c->to_x;
    for (size_t row = 0; row < c->height; row++)
        memcpy(to + row * c->to_pitch, from + row * c->from_pitch, c->width);
    return 0;
}

/* Kernels. */
int cuModuleLoadData(void **module, const void *image) {
    static int count;
    const char *folder = getenv("STAND_IN_PTX");
    if (folder) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d-%d.ptx", folder, getpid(), __sync_fetch_and_add(&count, 1));
        FILE *file = fopen(path, "w");
        if (!file || fwrite(image, 1, strlen(image), file) == 0 || fclose(file)) return 999;
    }
    *module = new_object();
    return 0;
}
int cuModuleUnload(void *module) { free(module); return 0; }
int cuModuleGetFunction(void **function, void *module, const char *name) { *function = strdup(name); return 0; }
int cuFuncSetAttribute(void *function, int attribute, int value) { return 0; }
int cuLaunchKernel(void *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                   unsigned block_y, unsigned block_z, unsigned shared, void *stream, void **arguments, void **extra) {
    /* CubeCL measures what the device can do, and repeats until that takes a while. */
    if (strstr(function, "throughput")) {
        struct timespec pause = {0, 3000000};
        nanosleep(&pause, NULL);
    }
    return 0;
}
int cuGetErrorName(int error, const char **name) { *name = "STAND_IN"; return 0; }
int cuGetErrorString(int error, const char **text) { *text = "an error of the stand-in driver"; return 0; }
