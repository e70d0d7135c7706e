"""Digits with spoiled labels, and class probabilities by a model of one's own.

    python3 python/examples/digits_probabilities.py FOLDER uniform 0.5 1

writes train.csv (with columns p0 ... p9), trusted.csv (100 rows) and test.csv (697 rows). The model
is kernel ridge regression on indicators of the labels. It gives each row the probabilities of the
fit that left the row's fold out: a model that has seen a wrong label believes it. Needs NumPy.
"""

import csv
import os
import sys

import numpy as np

folder, kind, share, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
data = np.loadtxt("datasets/digits.csv", delimiter=",", skiprows=1)
with open("datasets/digits.csv") as file:
    pixels = file.readline().strip().split(",")[:-1]
rng = np.random.default_rng(seed)
order = rng.permutation(len(data))
x, truth = data[order, :-1] / 16, data[order, -1].astype(int)
test, trusted, train = slice(0, 697), slice(697, 797), slice(797, None)

label = truth[train].copy()
hit = rng.random(len(label)) < share
if kind == "uniform":
    label[hit] = rng.integers(0, 10, hit.sum())
elif kind == "next":
    label[hit] = (label[hit] + 1) % 10
elif kind == "weak":
    rows = rng.permutation(len(label))[:80]
    a = np.c_[x[train], np.ones(len(label))]
    left = a[rows].T @ a[rows] + 3 * np.eye(a.shape[1])
    weak = np.linalg.solve(left, a[rows].T @ np.eye(10)[label[rows]])
    label[hit] = (a @ weak).argmax(1)[hit]

distances = ((x[train][:, None] - x[train][None]) ** 2).sum(-1)
kernel = np.exp(-4 * distances / np.median(distances))
p = np.zeros((len(label), 10))
fold = rng.integers(0, 5, len(label))
for f in range(5):
    a, b = fold != f, fold == f
    left = kernel[np.ix_(a, a)] + np.eye(a.sum())
    p[b] = kernel[np.ix_(b, a)] @ np.linalg.solve(left, np.eye(10)[label[a]])
p = np.clip(p, 1e-3, None)
p /= p.sum(1, keepdims=True)


def write(name, first, part, columns, rest):
    with open(os.path.join(folder, name), "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id"] + pixels + columns)
        for i, row in enumerate(x[part]):
            out.writerow([first + i] + [f"{16 * v:g}" for v in row] + rest(i))


os.makedirs(folder, exist_ok=True)
write(
    "train.csv",
    0,
    train,
    ["label", "truth"] + [f"p{k}" for k in range(10)],
    lambda i: [label[i], truth[train][i]] + [f"{v:.6f}" for v in p[i]],
)
write("trusted.csv", 5000, trusted, ["label"], lambda i: [truth[trusted][i]])
write("test.csv", 9000, test, ["label"], lambda i: [truth[test][i]])
