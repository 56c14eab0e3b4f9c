#!/usr/bin/env python3
"""Makes small checkpoints with the state-dict names of the published BarcodeMamba code, and what a plain
implementation of that network computes from them: char.ckpt, kmer.ckpt, hostile.ckpt, expected.safetensors.

    apt-get install python3-torch && python3 make_pytorch.py [FOLDER]

The weights are random. The network is written from its formulas (docs/model-format.md), in float64, one token
after the other; nothing here comes from the code of its authors. --large FOLDER instead makes a checkpoint of
the published size with its expected embeddings.
"""
import collections
import json
import math
import random
import struct
import sys
import types

import torch
import torch.nn.functional as F


def stand_in(module, name):
    """A class of another package, so that a checkpoint can name it."""
    made = type(name, (), {"__module__": module})
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    setattr(sys.modules[module], name, made)
    return made


DictConfig = stand_in("omegaconf.dictconfig", "DictConfig")
AnyNode = stand_in("omegaconf.nodes", "AnyNode")
Metadata = stand_in("omegaconf.base", "ContainerMetadata")
Scheduler = stand_in("utils.train_utils", "TimmCosineLRScheduler")


def config(value):
    """Settings as omegaconf keeps them: the state of each object has its content and its parent."""
    if not isinstance(value, dict):
        node = AnyNode()
        node.__dict__ = {"_metadata": Metadata(), "_parent": None, "_val": value}
        return node
    node = DictConfig()
    node.__dict__ = {"_metadata": Metadata(), "_parent": None, "_content": {}}
    for key, item in value.items():
        child = config(item)
        child.__dict__["_parent"] = node
        node.__dict__["_content"][key] = child
    return node


def make_weights(width, layers, state, head, mlp, vocabulary, classes, generator):
    """A state dict as the published code names it."""
    inner, channels, heads = 2 * width, 2 * width + 2 * state, 2 * width // head

    def normal(*shape, scale=0.3):
        return torch.randn(*shape, generator=generator) * scale

    weights = collections.OrderedDict()
    weights["model.backbone.embeddings.word_embeddings.weight"] = normal(vocabulary, width, scale=1.0)
    for i in range(layers):
        name = f"model.backbone.layers.{i}."
        weights[name + "mixer.dt_bias"] = normal(heads) - 3
        weights[name + "mixer.A_log"] = torch.log(1 + 15 * torch.rand(heads, generator=generator))
        weights[name + "mixer.D"] = 1 + normal(heads)
        weights[name + "mixer.in_proj.weight"] = normal(2 * inner + 2 * state + heads, width)
        weights[name + "mixer.conv1d.weight"] = normal(channels, 1, 4, scale=0.5)
        weights[name + "mixer.conv1d.bias"] = normal(channels)
        weights[name + "mixer.norm.weight"] = 1 + normal(inner)
        weights[name + "mixer.out_proj.weight"] = normal(width, inner)
        weights[name + "norm1.weight"] = 1 + normal(width)
        weights[name + "norm1.bias"] = normal(width)
        weights[name + "mlp.fc1.weight"] = normal(mlp, width)
        weights[name + "mlp.fc1.bias"] = normal(mlp)
        weights[name + "mlp.fc2.weight"] = normal(width, mlp)
        weights[name + "mlp.fc2.bias"] = normal(width)
        weights[name + "norm2.weight"] = 1 + normal(width)
        weights[name + "norm2.bias"] = normal(width)
    weights["model.backbone.ln_f.weight"] = 1 + normal(width)
    weights["model.backbone.ln_f.bias"] = normal(width)
    if classes:
        weights["model.head.output_transform.weight"] = normal(classes, width)
        weights["model.head.output_transform.bias"] = normal(classes)
    else:
        weights["model.head.weight"] = normal(vocabulary, width)
    return weights


def mixer(weights, name, u):
    """Mamba-2 with one group: u (L, D) -> (L, D), by the recurrence."""
    def w(part):
        return weights[name + part].double()

    inner, heads = w("norm.weight").numel(), w("A_log").numel()
    head = inner // heads
    state = (w("conv1d.weight").shape[0] - inner) // 2
    z, xbc, dt = torch.split(u @ w("in_proj.weight").T, [inner, inner + 2 * state, heads], dim=1)
    taps = w("conv1d.weight").shape[2]
    before = F.pad(xbc, (0, 0, taps - 1, 0))
    xbc = sum(before[t:t + len(u)] * w("conv1d.weight")[:, 0, t] for t in range(taps)) + w("conv1d.bias")
    x, b, c = torch.split(F.silu(xbc), [inner, state, state], dim=1)
    dt = F.softplus(dt + w("dt_bias"))
    decay = torch.exp(dt * -torch.exp(w("A_log")))
    memory = torch.zeros(heads, head, state, dtype=torch.float64)
    rows = []
    for t in range(len(u)):
        xt = x[t].view(heads, head)
        memory = decay[t].view(heads, 1, 1) * memory + (dt[t].view(heads, 1) * xt).unsqueeze(2) * b[t]
        rows.append((memory @ c[t] + w("D").view(heads, 1) * xt).reshape(inner))
    g = torch.stack(rows) * F.silu(z)
    g = g / torch.sqrt((g * g).mean(dim=1, keepdim=True) + 1e-5) * w("norm.weight")
    return g @ w("out_proj.weight").T


def encode(weights, ids):
    """Outputs of the backbone (L, D), as get_hidden_states of the published code gives them."""
    def norm(name, x):
        return F.layer_norm(x, x.shape[-1:], weights[name + ".weight"].double(),
                            weights[name + ".bias"].double(), 1e-5)

    h = weights["model.backbone.embeddings.word_embeddings.weight"].double()[ids]
    residual = torch.zeros_like(h)
    layer = 0
    while f"model.backbone.layers.{layer}.norm1.weight" in weights:
        name = f"model.backbone.layers.{layer}."
        residual = residual + h
        residual = residual + mixer(weights, name + "mixer.", norm(name + "norm1", residual))
        v = norm(name + "norm2", residual)
        v = v @ weights[name + "mlp.fc1.weight"].double().T + weights[name + "mlp.fc1.bias"].double()
        v = 0.5 * v * (1 + torch.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v ** 3)))
        h = v @ weights[name + "mlp.fc2.weight"].double().T + weights[name + "mlp.fc2.bias"].double()
        layer += 1
    return norm("model.backbone.ln_f", residual + h)


def padded(sequence, length):
    return "N" * (length - len(sequence)) + sequence[:length]


def char_tokens(sequence, length):
    return [{"A": 3, "C": 4, "G": 5, "T": 6, "N": 7}.get(base, 2) for base in padded(sequence, length)]


def kmer_tokens(sequence, length, k):
    """Special tokens 0 to 2, then the words of ACGT in the order of the alphabet."""
    tokens = []
    text = padded(sequence, length)
    for i in range(0, len(text) - k + 1, k):
        word = text[i:i + k]
        number = 0
        for base in word:
            number = number * 4 + "ACGT".find(base)
        tokens.append(2 if set(word) - set("ACGT") else 3 + number)
    return tokens


def checkpoint(weights, settings):
    """What a training with Lightning saves, apart from most of the state of its optimiser."""
    scheduler = Scheduler()
    scheduler.__dict__ = {"base_values": [8e-4], "t_initial": 10}
    state = collections.OrderedDict(weights)
    state._metadata = collections.OrderedDict([("", {"version": 1})])
    return {
        "epoch": 3, "global_step": 1 << 40, "pytorch-lightning_version": "2.3.3",
        "state_dict": state,
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}}}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val/loss_epoch'}": {
            "best_model_score": torch.tensor(1.25), "best_model_path": "/x/last.ckpt", "kth_value": None,
            "huge": 1 << 80, "seen": {1, 2}, "pair": (1.5, True, b"bytes")}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(4.0), "exp_avg": torch.zeros(8)}},
                              "param_groups": [{"lr": 8e-4, "betas": (0.9, 0.999), "params": [0]}]}],
        "lr_schedulers": [scheduler.__dict__, scheduler],
        "hparams_name": "config", "hyper_parameters": config(settings), "hparams_type": DictConfig,
    }


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.float().contiguous().flatten().tolist()
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def make_barcodes(length, seed):
    """Whole, long, short and very short barcodes, with N inside; none ends with N."""
    draw = random.Random(seed)
    lengths = [length, length + 17, length - 1, 2 * length // 3, 13]
    barcodes = ["".join(draw.choice("ACGT") for _ in range(n)) for n in lengths]
    barcodes[2] = barcodes[2][:10] + "NNN" + barcodes[2][13:]
    return barcodes


class Hostile:
    def __reduce__(self):
        import os
        return os.system, ("touch pytorch_was_here",)


def embeddings(weights, barcodes, tokens):
    with torch.no_grad():
        return torch.stack([encode(weights, torch.tensor(tokens(barcode))).mean(dim=0) for barcode in barcodes])


def make_small(folder):
    generator = torch.Generator().manual_seed(20241211)
    expected = collections.OrderedDict()
    length, barcodes = 60, make_barcodes(60, 1)
    with open(f"{folder}/barcodes.fasta", "w") as file:
        for i, barcode in enumerate(barcodes):
            file.write(f">b{i}\n{barcode}\n")

    weights = make_weights(16, 2, 8, 8, 40, 8, 0, generator)
    settings = {"model": {"d_model": 16, "d_inner": "${eval:4 * ${.d_model}}"},
                "tokenizer": {"name": "char", "vocab_size": 8},
                "dataset": {"max_len": length, "use_padding": True, "phase": "pretrain"}}
    torch.save(checkpoint(weights, settings), f"{folder}/char.ckpt")
    expected["char.embeddings"] = embeddings(weights, barcodes, lambda b: char_tokens(b, length))

    # a classifier; some weights in other types, transposed, as a part of a storage, or as parameters
    weights = make_weights(12, 1, 6, 4, 24, 72, 5, generator)
    name = "model.backbone.layers.0."
    weights[name + "mlp.fc1.weight"] = weights[name + "mlp.fc1.weight"].half()
    weights[name + "mlp.fc2.weight"] = weights[name + "mlp.fc2.weight"].bfloat16()
    weights[name + "mixer.D"] = weights[name + "mixer.D"].double()
    weights[name + "mixer.in_proj.weight"] = weights[name + "mixer.in_proj.weight"].t().contiguous().t()
    weights[name + "norm1.bias"] = torch.cat([torch.zeros(3), weights[name + "norm1.bias"]])[3:]
    weights[name + "norm2.bias"] = torch.nn.Parameter(weights[name + "norm2.bias"])
    settings = {"tokenizer": {"name": "k_mer", "k_mer": 3, "stride": "${.k_mer}"},
                "dataset": {"max_len": length, "use_padding": True, "phase": "finetune"}}
    torch.save(checkpoint(weights, settings), f"{folder}/kmer.ckpt")
    vectors = embeddings(weights, barcodes, lambda b: kmer_tokens(b, length, 3))
    expected["kmer.embeddings"] = vectors
    expected["kmer.logits"] = (vectors @ weights["model.head.output_transform.weight"].double().T
                               + weights["model.head.output_transform.bias"].double()).detach()
    write_safetensors(f"{folder}/expected.safetensors", expected)

    torch.save({"state_dict": {"model.backbone.embeddings.word_embeddings.weight": Hostile()}},
               f"{folder}/hostile.ckpt")


def make_large(folder):
    generator = torch.Generator().manual_seed(7)
    weights = make_weights(384, 2, 64, 48, 1536, 8, 0, generator)
    for name in weights:
        if weights[name].dim() == 2 and "embeddings" not in name:
            weights[name] = weights[name] * 0.2
    barcodes = make_barcodes(660, 2)
    torch.save({"state_dict": weights}, f"{folder}/large.ckpt")
    with open(f"{folder}/large.fasta", "w") as file:
        for i, barcode in enumerate(barcodes):
            file.write(f">b{i}\n{barcode}\n")
    rows = embeddings(weights, barcodes, lambda b: char_tokens(b, 660))
    with open(f"{folder}/large.tsv", "w") as file:
        for row in rows:
            file.write("\t".join(f"{value:.9g}" for value in row.tolist()) + "\n")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    large = arguments[:1] == ["--large"]
    (make_large if large else make_small)((arguments[large:] or ["."])[0])
