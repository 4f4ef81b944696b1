"""The training steps of `cargo bench -p trainer` in PyTorch on one thread, for comparison.

    python -m venv venv && venv/bin/pip install torch numpy --index-url https://download.pytorch.org/whl/cpu
    venv/bin/python trainer/benches/step.py

Prints the iterations per CPU second of the presets `seed` and `digits`. On a loaded machine, alternate it with the
benchmark and compare medians.
"""

import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, WARM_UP, STEPS, ROUNDS = 64, 16, 64, 5


class Generator(nn.Module):
    """Dense layer to 7x7x40, then nearest-neighbor upsampling and a 3x3 convolution, twice."""

    def __init__(self, latent=32, classes=10, channels=(40, 32)):
        super().__init__()
        first, second = channels
        self.first = first
        self.dense = nn.Linear(latent + classes, 49 * first, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(first), nn.BatchNorm2d(second)])
        self.up = nn.Conv2d(first, second, 3, padding=1, bias=False)
        self.out = nn.Conv2d(second, 1, 3, padding=1)

    def forward(self, latents, classes):
        x = self.dense(torch.cat([latents, classes], 1)).view(-1, self.first, 7, 7)
        x = F.relu(self.norms[0](x))
        x = F.relu(self.norms[1](self.up(F.interpolate(x, scale_factor=2))))
        return torch.sigmoid(self.out(F.interpolate(x, scale_factor=2)))


class Discriminator(nn.Module):
    """Two 4x4 convolutions of stride 2, a dense layer, and a projection on the class."""

    def __init__(self, classes=10, channels=(32, 64), features=128):
        super().__init__()
        first, second = channels
        self.one, self.two = nn.Conv2d(1, first, 4, 2, 1), nn.Conv2d(first, second, 4, 2, 1)
        self.dense, self.logit = nn.Linear(49 * second, features), nn.Linear(features, 1)
        self.classes = nn.Linear(classes, features, bias=False)

    def forward(self, images, classes):
        x = F.leaky_relu(self.one(images * 2 - 1), 0.2)
        x = F.leaky_relu(self.dense(F.leaky_relu(self.two(x), 0.2).flatten(1)), 0.2)
        return self.logit(x) + (x * self.classes(classes)).sum(1, keepdim=True) / 8


def digits():
    """One iteration of the preset `digits`, as a function of its number."""
    generator, discriminator = Generator(), Discriminator()
    average = [weight.detach().clone() for weight in generator.parameters()]
    adam = dict(lr=2.5e-3, betas=(0.0, 0.99), fused=True)
    on_generator = torch.optim.Adam(generator.parameters(), **adam)
    on_discriminator = torch.optim.Adam(discriminator.parameters(), **adam)
    real, classes = torch.rand(BATCH, 1, 28, 28), torch.eye(10)[torch.arange(BATCH) % 10]

    def side(images, sign, penalised):
        images = images.detach().requires_grad_(penalised)
        logits = discriminator(images, classes)
        loss = F.softplus(-sign * logits).mean()
        if penalised:
            (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
            loss = loss + gradient.square().sum((1, 2, 3)).mean() * (0.1 / 2 * 16)
        return loss

    def step(iteration):
        fake = generator(torch.rand(BATCH, 32) * 2 - 1, classes)
        penalised = (iteration + 1) % 16 == 0
        on_discriminator.zero_grad(set_to_none=True)
        (side(real, 1, penalised) + side(fake, -1, penalised)).backward()
        on_discriminator.step()
        on_generator.zero_grad(set_to_none=True)
        discriminator.requires_grad_(False)
        F.softplus(-discriminator(fake, classes)).mean().backward()
        discriminator.requires_grad_(True)
        on_generator.step()
        torch._foreach_lerp_(average, [weight.detach() for weight in generator.parameters()], 1e-3)

    return step


def seed():
    """One iteration of the preset `seed`, as a function of its number."""
    dense = lambda a, b, c: nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c))
    generator, discriminator = dense(100, 128, 784), dense(784, 128, 1)
    on_generator = torch.optim.Adam(generator.parameters(), lr=1e-3, fused=True)
    on_discriminator = torch.optim.Adam(discriminator.parameters(), lr=1e-3, fused=True)
    real = torch.rand(BATCH, 784)

    def step(_):
        fake = torch.sigmoid(generator(torch.rand(BATCH, 100) * 2 - 1))
        on_discriminator.zero_grad(set_to_none=True)
        loss = F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
        loss.backward()
        on_discriminator.step()
        on_generator.zero_grad(set_to_none=True)
        discriminator.requires_grad_(False)
        F.softplus(-discriminator(fake)).mean().backward()
        discriminator.requires_grad_(True)
        on_generator.step()

    return step


def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    print("torch", torch.__version__)
    for name, step, times in [("seed", seed(), 16), ("digits", digits(), 1)]:
        for iteration in range(WARM_UP):
            step(iteration)
        rates = []
        for _ in range(ROUNDS):
            start = time.process_time()
            for iteration in range(STEPS * times):
                step(iteration)
            rates.append(STEPS * times / (time.process_time() - start))
        print(f"{name}: {statistics.median(rates):.1f} iterations a CPU second")


if __name__ == "__main__":
    main()
