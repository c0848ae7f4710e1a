#!/usr/bin/env python3
"""Trains SAELens's TopK and sparsify's SparseCoder on the activations that a Loupe suite was trained on, and scores
all of them, Loupe's too, on the same held-out activations.

usage: peers.py train SUITE SITE TRAIN HELD_OUT WORK CONFIG SEED RATE [RATE ...]
       peers.py score SUITE SITE HELD_OUT WORK OUT.json

SUITE is a suite of `loupe train` in the variants of a sweep over peak_learning_rate and seeds, SITE the beginning of
the names of its dictionaries to compare with, such as L2R-8x; TRAIN and HELD_OUT are folders of `loupe export
activations` (--split train, --split held-out). `train` writes the weights of a dictionary to WORK for each RATE (a
number, or default) and SEED; CONFIG is one of saelens, saelens-normalised,
saelens-schedule, sparsify, sparsify-adam. `score` reads those and the suite's. The environment's THREADS (default 1)
are used. Needs sae-lens, eai-sparsify and safetensors.
"""
import glob, json, os, resource, statistics, sys, time

os.environ.setdefault("SPARSIFY_DISABLE_TRITON", "1")
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

SELECT_TOKENS = 16384  # of the held-out tokens: rates are chosen on them, all else is measured on those after them
DEAD_TOKENS = 100_000


def tensor(folder, hook):
    """The rows of all files of an export, [tokens, width]."""
    rows = []
    for name in json.load(open(f"{folder}/activations.json"))["files"]:
        with safe_open(f"{folder}/{name}", "pt") as source:
            rows.append(source.get_tensor(hook))
    return torch.cat(rows)


class Sae:
    """Any of the dictionaries on raw rows: feature-major weights, and the K largest or those above a threshold."""

    def __init__(self, encoder, encoder_bias, decoder, decoder_bias, k=0, threshold=0.0):
        self.weights = {
            "encoder": encoder, "encoder_bias": encoder_bias, "decoder": decoder, "decoder_bias": decoder_bias
        }
        self.k, self.threshold = k, threshold

    def encode(self, rows):
        pre = torch.relu(torch.addmm(self.weights["encoder_bias"], rows, self.weights["encoder"].T))
        if self.k == 0:
            return pre * (pre > self.threshold)
        values, indices = pre.topk(self.k, dim=1)
        return torch.zeros_like(pre).scatter_(1, indices, values)

    def decode(self, code):
        return torch.addmm(self.weights["decoder_bias"], code, self.weights["decoder"])

    @torch.no_grad()
    def at_l0(self, rows, l0):
        """The same with one threshold for all features, at which as many fire on these rows."""
        pre = torch.relu(torch.addmm(self.weights["encoder_bias"], rows, self.weights["encoder"].T)).flatten()
        threshold = pre.topk(round(l0 * len(rows))).values[-1]
        return Sae(*self.weights.values(), threshold=float(threshold))

    def save(self, path, about):
        tensors = {name: value.detach().contiguous() for name, value in self.weights.items()}
        save_file(tensors, path, {"about": json.dumps(about | {"k": self.k})})

    @staticmethod
    def load(path):
        with safe_open(path, "pt") as source:
            about = json.loads(source.metadata()["about"])
        return Sae(**load_file(path), k=about["k"]), about


@torch.no_grad()
def score(sae, x):
    """Centred explained variance over all of x, L0, and features that do not fire on its first tokens."""
    mean = x.double().mean(0).float()
    error = variance = l0 = 0
    fires = torch.zeros(len(sae.weights["encoder_bias"]))
    for at in range(0, len(x), 1024):
        part = x[at : at + 1024]
        code = sae.encode(part)
        error += float((part - sae.decode(code)).square().sum(dtype=torch.float64))
        variance += float((part - mean).square().sum(dtype=torch.float64))
        l0 += int(code.count_nonzero())
        if at < DEAD_TOKENS:
            fires += code[: DEAD_TOKENS - at].amax(0)
    return {
        "tokens": len(x),
        "l0": l0 / len(x),
        "explained_variance_centred": 1 - error / variance,
        "dead": int((fires == 0).sum()),
        "dead_tokens": min(len(x), DEAD_TOKENS),
    }


def batches(x, size):
    for at in range(0, len(x) // size * size, size):
        yield x[at : at + size]


def saelens(config, x, k, features, batch, rate, seed):
    """SAELens's own trainer, which takes any iterator over batches."""
    from sae_lens import TopKTrainingSAE, TopKTrainingSAEConfig
    from sae_lens.config import SAETrainerConfig
    from sae_lens.training.sae_trainer import SAETrainer

    steps = len(x) // batch
    normalised, schedule = config != "saelens", config == "saelens-schedule"
    torch.manual_seed(seed)
    own = dict(normalize_activations="expected_average_only_in") if normalised else {}
    sae = TopKTrainingSAE(TopKTrainingSAEConfig(d_in=x.shape[1], d_sae=features, k=k, device="cpu", **own))
    rate = 3e-4 if rate == "default" else float(rate)
    own = dict(lr_warm_up_steps=steps // 20, lr_decay_steps=steps // 5) if schedule else {}
    cfg = SAETrainerConfig(
        total_training_samples=steps * batch, train_batch_size_samples=batch, lr=rate, lr_end=rate / 10, **own
    )
    trainer = SAETrainer(cfg, sae, batches(x, batch))
    if normalised:  # its own estimate would take tokens from the stream that it trains on
        trainer.activation_scaler.scaling_factor = x.shape[1] ** 0.5 / float(x[:16384].norm(dim=1).mean())
    sae = trainer.fit()  # folds the scale into the weights
    norms = sae.W_dec.norm(dim=1, keepdim=True)  # the gate goes by what a feature adds
    encoder = sae.W_enc.T * norms
    bias = sae.b_enc * norms[:, 0] - (encoder @ sae.b_dec if sae.cfg.apply_b_dec_to_input else 0)
    return rate, Sae(encoder, bias, sae.W_dec / norms, sae.b_dec, k), lambda rows: sae.decode(sae.encode(rows))


def sparsify(config, x, k, features, batch, rate, seed):
    """sparsify's Trainer takes token ids and runs a model itself; this is its step, on our rows."""
    from schedulefree import ScheduleFreeWrapper
    from sparsify import SparseCoder, SparseCoderConfig
    from sparsify.sign_sgd import SignSGD
    from transformers import get_linear_schedule_with_warmup

    adam = config == "sparsify-adam"
    steps = len(x) // batch
    torch.manual_seed(seed)
    sae = SparseCoder(x.shape[1], SparseCoderConfig(num_latents=features, k=k), "cpu", dtype=torch.float32)
    usual = (2e-4 if adam else 5e-3) / (features / 2**14) ** 0.5
    rate = usual if rate == "default" else float(rate)
    groups = [dict(params=sae.parameters(), lr=rate)]
    if adam:  # its warm-up of 1,000 steps is longer than the run
        optimiser = torch.optim.Adam(groups)
        schedule = get_linear_schedule_with_warmup(optimiser, steps // 20, steps)
    else:
        optimiser = ScheduleFreeWrapper(SignSGD(groups), momentum=0.95)
        optimiser.train()
    for step, rows in enumerate(batches(x, batch)):
        if step == 0:
            sae.b_dec.data = rows.mean(0)
        sae.set_decoder_norm_to_unit_norm()
        out = sae(x=rows, y=rows, total_variance=(rows - rows.mean(0)).pow(2).sum())
        out.fvu.backward()
        sae.remove_gradient_parallel_to_decoder_directions()
        optimiser.step()
        optimiser.zero_grad()
        if adam:
            schedule.step()
    if not adam:
        optimiser.eval()  # the averaged weights, as its save() writes
    bias = sae.encoder.bias - sae.encoder.weight @ sae.b_dec
    return rate, Sae(sae.encoder.weight, bias, sae.W_dec, sae.b_dec, k), lambda rows: sae(rows).sae_out


def train(suite, site, train, held_out, work, config, seed, *rates):
    recipe, features, hook = about(suite, site)
    x, test = tensor(train, hook), tensor(held_out, hook)[:512]
    os.makedirs(work, exist_ok=True)
    run = saelens if config.startswith("saelens") else sparsify
    for given in rates:
        used, wall = resource.getrusage(resource.RUSAGE_SELF), time.time()
        rate, sae, own = run(config, x, recipe["k"], features, recipe["batch"], given, int(seed))
        wall, after = time.time() - wall, resource.getrusage(resource.RUSAGE_SELF)
        with torch.no_grad():  # the common form computes what the tool computes
            torch.testing.assert_close(sae.decode(sae.encode(test)), own(test), rtol=1e-3, atol=1e-2)
        row = {
            "config": config, "rate": rate, "seed": int(seed), "is_default": given == "default",
            "wall_seconds": wall, "user_seconds": after.ru_utime - used.ru_utime,
            "system_seconds": after.ru_stime - used.ru_stime, "train_tokens": len(x) // recipe["batch"] * recipe["batch"],
        }
        sae.save(f"{work}/{config}-{rate:.6g}-s{seed}.safetensors", row)
        print(json.dumps(row), flush=True)


def names(suite, site):
    """The suite's dictionaries of a site, whatever their variant."""
    return [name for name in json.load(open(f"{suite}/suite.json"))["dictionaries"] if name.startswith(f"{site}-")]


def about(suite, site):
    recipe = json.load(open(f"{suite}/suite.json"))["recipe"]
    first = json.load(open(f"{suite}/{names(suite, site)[0]}/hyperparams.json"))
    return recipe, first["d_sae"], first["hook_point_in"]


def loupe(suite, site):
    """The suite's dictionaries in Llama Scope's layout: as they run, and with the gate that they were trained with."""
    recipe, _, _ = about(suite, site)
    for name in names(suite, site):
        changes = recipe["variants"][name.split("-", 2)[2]]
        weights = {key: value.float() for key, value in load_file(f"{suite}/{name}/checkpoints/final.safetensors").items()}
        form = json.load(open(f"{suite}/{name}/hyperparams.json"))
        norms = form["dataset_average_activation_norm"]
        assert norms["in"] == norms["out"] == form["d_model"] ** 0.5, "expected norms folded into the weights"
        four = [
            weights["encoder.weight"], weights["encoder.bias"],
            weights["decoder.weight"].T.contiguous(), weights["decoder.bias"],
        ]
        for gate, how in (("jumprelu", {"threshold": form["jump_relu_threshold"]}), ("topk", {"k": recipe["k"]})):
            rate = changes.get("peak_learning_rate", recipe["peak_learning_rate"])
            yield Sae(*four, **how), {
                "config": f"loupe-{gate}", "rate": rate, "seed": changes.get("seed", recipe.get("seed", 0)),
                "is_default": rate == recipe["peak_learning_rate"], "name": name,
            }


def spread(rows, of):
    values = [row["test"][of] for row in rows]
    return {"mean": statistics.mean(values), "least": min(values), "most": max(values), "seeds": len(values)}


def chosen(rows):
    """Rows of the default rate, and of the rate whose seed 0 does best on the tokens for choosing."""
    best = max((row for row in rows if row["seed"] == 0), key=lambda row: row["select"]["explained_variance_centred"])
    default = [row for row in rows if row["is_default"]]
    return {"default": default, "best": [row for row in rows if row["rate"] == best["rate"]]}


def score_all(suite, site, held_out, work, out):
    recipe, features, hook = about(suite, site)
    x = tensor(held_out, hook)
    select, test = x[:SELECT_TOKENS], x[SELECT_TOKENS:]
    configs = {}
    peers = (Sae.load(path) for path in sorted(glob.glob(f"{work}/*.safetensors")))
    for sae, row in [*peers, *loupe(suite, site)]:
        forms = {row["config"]: sae}
        if row["config"] == "loupe-jumprelu":  # its threshold was calibrated on training text
            forms["loupe-jumprelu-at-k"] = sae.at_l0(select, recipe["k"])
        for config, form in forms.items():
            row = row | {"config": config, "select": score(form, select)}
            configs.setdefault(config, []).append((form, row))
    table = []
    for config, found in configs.items():
        rows = [row for _, row in found]
        for kind, kept in chosen(rows).items():
            for sae, row in found:
                if row in kept and "test" not in row:
                    row["test"] = score(sae, test)
            table.append(
                {"config": config, "which": kind, "rate": kept[0]["rate"]}
                | {of: spread(kept, of) for of in ("l0", "explained_variance_centred", "dead")}
            )
            print(json.dumps(table[-1]), flush=True)
    result = {
        "hook": hook, "features": features, "width": x.shape[1], "recipe": recipe, "select_tokens": len(select), "test_tokens": len(test),
        "table": table, "rows": [row for found in configs.values() for _, row in found],
    }
    json.dump(result, open(out, "w"), indent=1)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    {"train": train, "score": score_all}[sys.argv[1]](*sys.argv[2:])
