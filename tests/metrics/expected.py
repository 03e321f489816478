"""What scikit-learn makes of the data in src/twin/judge/metrics.rs; writes expected.json."""

import json
import pathlib

import numpy as np
from scipy.stats import pearsonr
from sklearn import metrics

state = 12345


def draw():
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return state >> 16


labels, scores = [], []
for _ in range(200):
    label = draw() % 10 < 3
    noise = np.float32(draw() % 60)
    labels.append(label)
    scores.append((noise + np.float32(25 if label else 0)) / np.float32(64))
labels, scores = np.array(labels), np.array(scores, np.float32)
fpr, tpr, _ = metrics.roc_curve(labels, scores)
index = max(1, np.argmin(abs(fpr - 0.1)))
truth = (scores * scores).astype(np.float64)
prediction = scores.astype(np.float64)
actual = labels[:192].reshape(2 * 16, 6).mean(axis=1)
predicted = prediction[:192].reshape(2 * 16, 6).mean(axis=1)
expected = {
    "auc": metrics.auc(fpr, tpr),
    "points": len(fpr),
    "fpr": fpr[index],
    "tpr": tpr[index],
    "average_precision": metrics.average_precision_score(labels, scores),
    "explained_variance_percent": 100 * metrics.explained_variance_score(truth, prediction),
    "rmse": np.sqrt(metrics.mean_squared_error(truth, prediction)),
    "mae": metrics.mean_absolute_error(truth, prediction),
    "r2": metrics.r2_score(truth, prediction),
    "correlation": pearsonr(actual, predicted)[0],
    "calibration_percent": 100 * metrics.explained_variance_score(actual, predicted),
}
path = pathlib.Path(__file__).with_name("expected.json")
path.write_text(json.dumps({k: float(v) for k, v in expected.items()}, indent=1) + "\n")
