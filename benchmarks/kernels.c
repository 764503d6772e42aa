/* The same work in C: the Newman-Ziff sweep of an edge list, and Afforest (Sutton, Ben-Nun & Barak 2018).
   gcc -O3 -march=native -shared -fPIC -o kernels.so kernels.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROOT 0x80000000u
#define SIZE 0x7fffffffu

static inline uint32_t find(uint32_t *words, uint32_t skill) {
    uint32_t parent = words[skill];
    while (parent < ROOT) {
        uint32_t above = words[parent];
        if (above >= ROOT) return parent;
        words[skill] = above;
        skill = above;
        parent = words[skill];
    }
    return skill;
}

/* Largest component after every edge: the kernel of largest_by_texts for texts of two skills. */
void sweep(uint64_t nodes, uint64_t edges, const uint32_t *pairs, uint32_t *words, int32_t *out) {
    uint32_t largest = 1;
    for (uint64_t i = 0; i < nodes; i++) words[i] = ROOT + 1;
    out[0] = 1;
    for (uint64_t edge = 0; edge < edges; edge++) {
        if (edge + 64 < edges) {
            __builtin_prefetch(&words[pairs[2 * edge + 128]], 1, 3);
            __builtin_prefetch(&words[pairs[2 * edge + 129]], 1, 3);
            __builtin_prefetch(&words[words[pairs[2 * edge + 64]] & SIZE], 1, 3);
            __builtin_prefetch(&words[words[pairs[2 * edge + 65]] & SIZE], 1, 3);
            if (nodes > 2097152)
                for (int end = 0; end < 2; end++) {
                    uint32_t parent = words[pairs[2 * edge + 32 + end]] & SIZE;
                    __builtin_prefetch(&words[words[parent < nodes ? parent : nodes - 1] & SIZE], 1, 3);
                }
        }
        uint32_t one = find(words, pairs[2 * edge]), other = find(words, pairs[2 * edge + 1]);
        if (one != other) {
            if (words[one] < words[other]) { uint32_t kept = one; one = other; other = kept; }
            uint32_t size = words[one] + (words[other] & SIZE);
            words[one] = size;
            words[other] = one;
            if ((size & SIZE) > largest) largest = size & SIZE;
        }
        out[edge + 1] = (int32_t)largest;
    }
}

/* Rows of both directions from an edge list: starts (nodes + 1), others (2 edges). */
void rows(uint64_t nodes, uint64_t edges, const uint32_t *pairs, uint64_t *starts, uint32_t *others) {
    memset(starts, 0, (nodes + 1) * sizeof(uint64_t));
    for (uint64_t i = 0; i < 2 * edges; i++) starts[pairs[i] + 1]++;
    for (uint64_t i = 0; i < nodes; i++) starts[i + 1] += starts[i];
    for (uint64_t i = 0; i < 2 * edges; i++) others[starts[pairs[i]]++] = pairs[i ^ 1];
    for (uint64_t i = nodes; i > 0; i--) starts[i] = starts[i - 1];
    starts[0] = 0;
}

static void link(uint32_t *parents, uint32_t one, uint32_t other) {
    uint32_t p = parents[one], q = parents[other];
    while (p != q) {
        uint32_t high = p > q ? p : q, low = p + q - high, above = parents[high];
        if (above == low) break;
        if (above == high) { parents[high] = low; break; }
        p = parents[parents[high]];
        q = parents[low];
    }
}

static void compress(uint32_t *parents, uint64_t nodes) {
    for (uint64_t i = 0; i < nodes; i++)
        while (parents[i] != parents[parents[i]]) parents[i] = parents[parents[i]];
}

/* Size of the largest component; parents and counts: (nodes). */
uint64_t afforest(uint64_t nodes, const uint64_t *starts, const uint32_t *others, uint32_t *parents, uint32_t *counts) {
    for (uint64_t i = 0; i < nodes; i++) parents[i] = (uint32_t)i;
    for (int round = 0; round < 2; round++) {
        for (uint64_t i = 0; i < nodes; i++)
            if (starts[i] + round < starts[i + 1]) link(parents, (uint32_t)i, others[starts[i] + round]);
        compress(parents, nodes);
    }
    uint64_t state = 27491095;
    uint32_t best = 0, most = 0, seen[1024];
    for (int i = 0; i < 1024; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        seen[i] = parents[(state >> 33) % nodes];
    }
    for (int i = 0; i < 1024; i++) {
        uint32_t count = 0;
        for (int k = 0; k < 1024; k++) count += seen[k] == seen[i];
        if (count > most) { most = count; best = seen[i]; }
    }
    for (uint64_t i = 0; i < nodes; i++)
        if (parents[i] != best)
            for (uint64_t edge = starts[i] + 2; edge < starts[i + 1]; edge++) link(parents, (uint32_t)i, others[edge]);
    compress(parents, nodes);
    memset(counts, 0, nodes * sizeof(uint32_t));
    uint32_t largest = 0;
    for (uint64_t i = 0; i < nodes; i++) {
        uint32_t count = ++counts[parents[i]];
        if (count > largest) largest = count;
    }
    return largest;
}
