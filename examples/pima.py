"""A certified network for the Pima data in a few lines, verified again and written to a file: pima.py [DATA.csv]."""
import sys
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

import nadir

data = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "data" / "pima_diabetes.csv"
table = pd.read_csv(data)
X, y = table.iloc[:, :-1], table.iloc[:, -1]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)

model = nadir.GatedReluClassifier().fit(X_train, y_train)
print(model.summary())
print(f"right on {100 * model.score(X_test, y_test):.1f} % of {len(y_test)} rows left out")

print(nadir.verify(model, X_train, y_train))
model.save("pima.nadir")
model.write_data("pima.npz", X_train, y_train)
print("Check it: nadir-verify pima.nadir pima.npz")
assert (nadir.load("pima.nadir").predict(X_test) == model.predict(X_test)).all()
