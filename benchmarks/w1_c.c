/* W1 in plain scalar C: one pass over the customers a month, each worked through all of its purchases in the month.
 *
 * The numbers of the workload (GAIN, PRICE, ...) come from workload.py as -D flags. With -DXOSHIRO the uniforms come from
 * xoshiro256++ (Blackman and Vigna 2021) instead of the counter-based Philox4x32-10 (Salmon et al. 2011).
 * Either way an event takes one block of four 32-bit words: two for the quality, one for leaving, one for the next purchase.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    double born, last, due, satisfaction, sunk;
    uint32_t id, n_events;
} Customer;

typedef struct {
    Customer *all;
    int64_t n, room;
    uint32_t next_id;
} Customers;

/* One month of the answer, in the order of workload.SERIES. */
typedef struct {
    double active, churned, arrivals, purchases, revenue, profit, satisfied;
} Month;

typedef struct {
    uint32_t w[4];
} Block;

static inline double uniform(uint32_t word) { return (word + 0.5) * 0x1p-32; }

static inline double exponential(uint32_t word) { return -log(uniform(word)); }

static inline double normal(uint32_t a, uint32_t b) {
    return sqrt(-2.0 * log(uniform(a))) * cos(6.283185307179586 * uniform(b));
}

static inline double clip01(double x) { return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x; }

#ifdef XOSHIRO

typedef struct {
    uint64_t s[4];
} Generator;

static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t next64(Generator *g) {
    uint64_t *s = g->s, result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

static Generator seeded(uint64_t seed) { /* by splitmix64, as its authors advise */
    Generator g;
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        g.s[i] = z ^ (z >> 31);
    }
    return g;
}

static inline Block block(Generator *g, uint32_t stream, uint32_t count) {
    (void)stream, (void)count;
    uint64_t a = next64(g), b = next64(g);
    return (Block){{(uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32)}};
}

#else

typedef struct {
    uint32_t key[2];
} Generator;

static Generator seeded(uint64_t seed) { return (Generator){{(uint32_t)seed, (uint32_t)(seed >> 32)}}; }

static inline Block block(Generator *g, uint32_t stream, uint32_t count) {
    uint32_t c0 = count, c1 = stream, c2 = 0, c3 = 0, k0 = g->key[0], k1 = g->key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
        uint32_t h0 = (uint32_t)(p0 >> 32), h1 = (uint32_t)(p1 >> 32);
        c0 = h1 ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = h0 ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    return (Block){{c0, c1, c2, c3}};
}

#endif

/* The stream of the arrival times; every other stream is a customer's. */
static const uint32_t ARRIVAL_STREAM = UINT32_MAX;

static int add(Customers *customers, Generator *g, double born) {
    if (customers->n == customers->room) {
        int64_t room = customers->room + customers->room / 2 + 64;
        Customer *all = realloc(customers->all, room * sizeof(Customer));
        if (!all) return -1;
        customers->all = all;
        customers->room = room;
    }
    uint32_t id = customers->next_id++;
    Block b = block(g, id, 0);
    customers->all[customers->n++] = (Customer){
        .born = born,
        .last = born,
        .due = born + exponential(b.w[2]),
        .satisfaction = clip01(INITIAL_MEAN + INITIAL_SD * normal(b.w[0], b.w[1])),
        .sunk = 0.0,
        .id = id,
        .n_events = 1,
    };
    return 0;
}

/* Make the purchase that is due; return whether the customer leaves after it. */
static inline int buy(Customer *c, Generator *g, Month *month) {
    Block b = block(g, c->id, c->n_events++);
    double now = c->due;
    double quality = clip01(QUALITY_MEAN + QUALITY_SD * normal(b.w[0], b.w[1]));
    c->satisfaction += GAIN * (quality - c->satisfaction);
    c->sunk = c->sunk * exp(-SUNK_DECAY * (now - c->last)) + SUNK_STEP;
    c->last = now;
    double revenue = PRICE * (REVENUE_BASE + c->satisfaction);
    month->purchases += 1;
    month->revenue += revenue;
    month->profit += MARGIN * revenue * exp(-DISCOUNT_RATE * now);
    double x = LEAVE_BASE + LEAVE_SATISFACTION * (c->satisfaction - SATISFACTION_CENTRE)
        + LEAVE_TENURE * (1.0 - exp(-(now - c->born) / TENURE_SCALE)) + LEAVE_SUNK * c->sunk;
    c->due = now + exponential(b.w[3]);
    return uniform(b.w[2]) * (1.0 + exp(-x)) < 1.0;
}

static int welcome(Customers *customers, Generator *g, double rate, double start, uint32_t *n_draws, Month *month) {
    double now = start;
    for (;;) {
        Block b = block(g, ARRIVAL_STREAM, (*n_draws)++);
        now += exponential(b.w[0]) / rate;
        if (now >= start + 1.0) return 0;
        if (add(customers, g, now)) return -1;
        month->arrivals += 1;
        month->profit -= ACQUISITION_COST * exp(-DISCOUNT_RATE * now);
    }
}

static void live(Customers *customers, Generator *g, double end, Month *month) {
    for (int64_t i = 0; i < customers->n;) {
        Customer *c = &customers->all[i];
        int leaves = 0;
        while (c->due < end && !leaves) leaves = buy(c, g, month);
        if (leaves) {
            month->churned += 1;
            *c = customers->all[--customers->n];
        } else {
            month->satisfied += c->satisfaction > SATISFIED;
            i++;
        }
    }
    month->active = customers->n;
}

/* Simulate n customers; months has room for `periods`. Returns 0, or -1 when out of memory. */
int run(int64_t n, uint64_t seed, int periods, Month *months) {
    Generator g = seeded(seed);
    Customers customers = {0};
    uint32_t n_draws = 0;
    double satisfied = 0;
    int failed = 0;
    for (int64_t i = 0; i < n && !failed; i++) {
        failed = add(&customers, &g, 0.0);
        if (!failed) satisfied += customers.all[i].satisfaction > SATISFIED;
    }
    for (int m = 0; m < periods && !failed; m++) {
        months[m] = (Month){0};
        failed = welcome(&customers, &g, ARRIVAL_BASE * n + ARRIVAL_REFERRAL * satisfied, m, &n_draws, &months[m]);
        live(&customers, &g, m + 1, &months[m]);
        satisfied = months[m].satisfied;
    }
    free(customers.all);
    return failed;
}
