"""Times how long SAEDashboard takes to compute the dashboards of all features of one dictionary (top and interval
samples with their activations, histograms of activations and of logits, top logits, correlated neurons and features,
quantiles of the activations) over a given number of tokens of a corpus, and prints one JSON document.

    python peer_analyze.py --model DIR --sae DIR --corpus FILE --tokens N [--out FILE]

The model is a Llama in the Hugging Face layout, the dictionary a SAELens folder on one of its TransformerLens hook
points, the corpus JSON lines (gzipped or not) with a field `text`. Loading, imports and a short warm-up aren't counted.
Needs sae-dashboard (which brings sae-lens, transformer-lens and transformers) and pyarrow older than 22.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import argparse
import gzip
import json
import logging
import platform
import resource
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.filterwarnings("ignore")

import torch
from sae_dashboard.components_config import (
    ActsHistogramConfig,
    Column,
    FeatureTablesConfig,
    LogitsHistogramConfig,
    LogitsTableConfig,
    SequencesConfig,
)
from sae_dashboard.feature_data_generator import FeatureDataGenerator
from sae_dashboard.layout import SaeVisLayoutConfig
from sae_dashboard.sae_vis_data import SaeVisConfig
from sae_dashboard.sae_vis_runner import SaeVisRunner
from sae_dashboard.sequence_data_generator import SequenceDataGenerator
from sae_lens import SAE, HookedSAETransformer
from transformer_lens import HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions.llama import convert_llama_weights
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

logging.getLogger().setLevel(logging.ERROR)
transformers_logging.set_verbosity_error()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR")
    parser.add_argument("--sae", required=True, metavar="DIR")
    parser.add_argument("--corpus", required=True, metavar="FILE")
    parser.add_argument("--tokens", type=int, default=65536, metavar="N", help="default: 65536")
    parser.add_argument("--out", metavar="FILE", help="write the JSON document here as well")
    parser.add_argument("--context", type=int, default=256, help="tokens per context, begin id included (default: 256)")
    parser.add_argument("--features", type=int, help="only the first so many features (default: all)")
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    parser.add_argument(
        "--settings",
        choices=["vis", "neuronpedia"],
        default="vis",
        help="vis: SaeVisConfig's defaults; neuronpedia: what NeuronpediaRunner sets by default, where the samples are "
        "whole contexts (default: vis)",
    )
    parser.add_argument("--feature-batch", type=int, metavar="N", help="features a minibatch (default: the settings')")
    parser.add_argument("--context-batch", type=int, metavar="N", help="contexts a minibatch (default: the settings')")
    parser.add_argument("--save", action="store_true", help="also time writing the result as JSON to a temporary file")
    return parser.parse_args()


def load_model(folder, tokenizer):
    """The model as TransformerLens's, and the largest differences of its logits from those of transformers."""
    hf = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    c = hf.config
    if c.model_type != "llama" or c.rope_scaling is not None or c.attention_bias or c.mlp_bias:
        raise SystemExit("not supported: a Llama without biases and without scaling of rotary positions is needed")
    head = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
    grouped = c.num_key_value_heads != c.num_attention_heads
    config = HookedTransformerConfig(
        model_name="llama",
        n_layers=c.num_hidden_layers,
        d_model=c.hidden_size,
        d_head=head,
        n_heads=c.num_attention_heads,
        n_key_value_heads=c.num_key_value_heads if grouped else None,
        d_mlp=c.intermediate_size,
        d_vocab=c.vocab_size,
        n_ctx=c.max_position_embeddings,
        act_fn=c.hidden_act,
        gated_mlp=True,
        normalization_type="RMS",
        final_rms=True,
        eps=c.rms_norm_eps,
        positional_embedding_type="rotary",
        rotary_adjacent_pairs=False,
        rotary_dim=head,
        rotary_base=int(c.rope_theta),
        original_architecture="LlamaForCausalLM",
        default_prepend_bos=True,
        dtype=torch.float32,
        device="cpu",
        seed=0,
    )
    model = HookedSAETransformer(config, tokenizer=tokenizer)
    # the scales of the norms are folded into the weights that follow, as TransformerLens does by default: the unembedding
    # then includes the final norm's. Nothing is centred, as that would change the residual stream or the logits.
    model.load_and_process_state_dict(
        convert_llama_weights(hf, config),
        fold_ln=True,
        center_writing_weights=False,
        center_unembed=False,
        fold_value_biases=False,
    )
    return model.eval(), hf


def read_contexts(path, tokenizer, tokens, context):
    """Documents one after the other, a begin id between them, cut to equal contexts that start with the begin id."""
    begin = tokenizer.bos_token_id
    count = tokens // context
    needed = count * (context - 1)
    stream, documents = [], 0
    opened = gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")
    with opened as lines:
        for line in lines:
            if len(stream) >= needed:
                break
            if stream:
                stream.append(begin)
            stream.extend(tokenizer.encode(json.loads(line)["text"], add_special_tokens=False))
            documents += 1
    if count == 0 or len(stream) < needed:
        raise SystemExit(f"{path} has {len(stream)} tokens, {needed} are needed")
    body = torch.tensor(stream[:needed], dtype=torch.long).view(count, context - 1)
    return torch.cat([torch.full((count, 1), begin, dtype=torch.long), body], dim=1), documents


@torch.inference_mode()
def check(model, hf, sae, hook, tokens):
    """How far the model's logits are from those of transformers, and how well the dictionary reconstructs."""
    wanted = hf(tokens).logits
    found, cache = model.run_with_cache(tokens, names_filter=[hook])
    x = cache[hook][:, 1:].flatten(0, 1)
    codes = sae.encode(x)
    error = (sae.decode(codes) - x).pow(2).sum()
    return {
        "tokens": tokens.numel(),
        "logits_max_abs_difference": (found - wanted).abs().max().item(),
        "logits_std": wanted.std().item(),
        "l0": (codes > 0).float().sum(-1).mean().item(),
        "explained_variance": 1 - (error / (x - x.mean(0)).pow(2).sum()).item(),
    }


def configuration(arguments, hook, features, tokenizer, cache):
    if arguments.settings == "vis":
        chosen = {}
    else:
        samples = SequencesConfig(
            buffer=None, n_quantiles=5, top_acts_group_size=20, quantile_group_size=5, stack_mode="stack-all"
        )
        rest = [ActsHistogramConfig(), LogitsHistogramConfig(), LogitsTableConfig(), FeatureTablesConfig(n_rows=3)]
        special = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id} - {None}
        chosen = {
            "feature_centric_layout": SaeVisLayoutConfig(columns=[Column(samples, *rest)]),
            "minibatch_size_features": 128,
            "minibatch_size_tokens": 32,
            "ignore_tokens": special,
            "cache_dir": Path(cache),
        }
    if arguments.feature_batch:
        chosen["minibatch_size_features"] = arguments.feature_batch
    if arguments.context_batch:
        chosen["minibatch_size_tokens"] = arguments.context_batch
    return SaeVisConfig(hook_point=hook, features=features, device="cpu", dtype="float32", **chosen)


def timed(owner, name, spent):
    """Adds up in spent[name] the time that calls of the method take."""
    original = getattr(owner, name)

    def call(*positional, **named):
        start = time.perf_counter()
        try:
            return original(*positional, **named)
        finally:
            spent[name] = spent.get(name, 0.0) + time.perf_counter() - start

    setattr(owner, name, call)


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux gives KiB


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model, hf = load_model(arguments.model, tokenizer)
    sae = SAE.load_from_disk(arguments.sae, device="cpu").eval()
    hook = sae.cfg.metadata.hook_name
    size = sae.cfg.d_sae
    features = list(range(min(arguments.features or size, size)))
    tokens, documents = read_contexts(arguments.corpus, tokenizer, arguments.tokens, arguments.context)
    checked = check(model, hf, sae, hook, tokens[:8])
    del hf

    with tempfile.TemporaryDirectory() as cache:
        warm_up = configuration(arguments, hook, features[:4], tokenizer, Path(cache) / "warm-up")
        SaeVisRunner(warm_up).run(encoder=sae, model=model, tokens=tokens[:4])

        settings = configuration(arguments, hook, features, tokenizer, Path(cache) / "run")
        spent = {}
        timed(FeatureDataGenerator, "get_feature_data", spent)
        timed(SequenceDataGenerator, "get_sequences_data", spent)
        before = peak_mib()
        cpu = cpu_seconds()
        start = time.perf_counter()
        result = SaeVisRunner(settings).run(encoder=sae, model=model, tokens=tokens)
        seconds = time.perf_counter() - start
        cpu = cpu_seconds() - cpu
        peak = peak_mib()

        save = None
        if arguments.save:
            file = Path(cache) / "dashboards.json"
            start = time.perf_counter()
            result.save_json(file)
            save = {"seconds": round(time.perf_counter() - start, 3), "mib": round(file.stat().st_size / 2**20, 1)}

    data = result.feature_data_dict
    groups = [d.sequence_data.seq_group_data for d in data.values()]
    samples = settings.feature_centric_layout.seq_cfg
    document = {
        "what": "dashboards of the features of one dictionary, by SAEDashboard",
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "features_tokens_per_second": round(len(features) * tokens.numel() / seconds),
        "tokens_per_second": round(tokens.numel() / seconds, 1),
        "features_per_second": round(len(features) / seconds, 2),
        "peak_rss_mib": round(peak),
        "peak_rss_before_mib": round(before),
        "parts_seconds": {
            "activations_and_correlations": round(spent["get_feature_data"], 3),
            "samples": round(spent["get_sequences_data"], 3),
            "statistics_histograms_logits_and_rest": round(seconds - sum(spent.values()), 3),
        },
        "save_json": save,
        "tokens": tokens.numel(),
        "contexts": tokens.shape[0],
        "context": tokens.shape[1],
        "documents": documents,
        "features": len(features),
        "corpus": Path(arguments.corpus).name,
        "dictionary": {"hook": hook, "d_in": sae.cfg.d_in, "d_sae": size, "architecture": sae.cfg.architecture()},
        "settings": {
            "name": arguments.settings,
            "features_a_minibatch": settings.minibatch_size_features,
            "contexts_a_minibatch": settings.minibatch_size_tokens,
            "activations_cached": settings.cache_dir is not None,
            "sample_buffer": samples.buffer,
            "top_samples": samples.top_acts_group_size,
            "intervals": samples.n_quantiles,
            "samples_an_interval": samples.quantile_group_size,
            "ignored_tokens": sorted(settings.ignore_tokens),
            "dtype": settings.dtype,
        },
        "result": {
            "features": len(data),
            "features_that_fire": sum(m > 0 for m in result.feature_stats.max),
            "samples": sum(len(g.seq_data) for gs in groups for g in gs),
            "fraction_firing_mean": sum(result.feature_stats.frac_nonzero) / len(data),
        },
        "check": checked,
        "versions": {
            "python": platform.python_version(),
            **{
                name: version(name)
                for name in ["sae-dashboard", "sae-lens", "transformer-lens", "transformers", "torch", "numpy"]
            },
        },
        "threads": torch.get_num_threads(),
    }
    text = json.dumps(document, indent=1)
    print(text)
    if arguments.out:
        Path(arguments.out).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
