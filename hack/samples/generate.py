"""Draws the sample pictures: hills under a sky, the same bytes on every run with the same Pillow.

    python3 -m pip install pillow
    python3 hack/samples/generate.py
"""

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800

# Name, sky from top to horizon, nearest hill, disc (colour, x, y, radius), stars
SCENES = [
    ("1.jpg", ((24, 40, 84), (232, 138, 92)), (28, 26, 44), ((255, 221, 168), 0.68, 0.32, 62), 60),
    ("2.jpg", ((86, 150, 206), (226, 238, 240)), (26, 66, 58), ((255, 252, 232), 0.24, 0.22, 46), 0),
    ("3.jpg", ((8, 12, 32), (44, 62, 104)), (8, 12, 24), ((236, 238, 246), 0.76, 0.24, 38), 420),
    ("4.jpg", ((122, 92, 140), (250, 208, 176)), (62, 40, 66), ((255, 240, 214), 0.56, 0.36, 54), 0),
    ("5.png", ((30, 92, 108), (214, 226, 186)), (14, 48, 52), ((250, 248, 214), 0.24, 0.32, 50), 0),
]


def mix(one, other, share):
    """The colour `share` of the way from one to the other."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other))


def ridge(rng, roughness, size=1024):
    """Heights from 0 to 1 along a line, by midpoint displacement."""
    heights = [0.0] * (size + 1)
    heights[0], heights[size] = rng.random(), rng.random()
    step, spread = size, 1.0
    while step > 1:
        for left in range(0, size, step):
            middle = (heights[left] + heights[left + step]) / 2
            heights[left + step // 2] = middle + rng.uniform(-spread, spread) / 2
        step, spread = step // 2, spread * roughness
    low, high = min(heights), max(heights)
    return [(height - low) / (high - low) for height in heights]


def draw(rng, sky, ground, disc, stars):
    """One picture."""
    top, horizon = sky
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    for y in range(HEIGHT):
        pen.line([(0, y), (WIDTH, y)], fill=mix(top, horizon, min(1, y / (HEIGHT * 0.68))))
    for _ in range(stars):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT * 0.6)
        radius, light = rng.choice((0.5, 0.5, 1, 1.5)), rng.uniform(0.3, 1)
        pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=mix(top, (255, 255, 255), light))

    colour, x, y, radius = disc
    x, y = x * WIDTH, y * HEIGHT
    glow = Image.new("L", picture.size, 0)
    ImageDraw.Draw(glow).ellipse([x - 3 * radius, y - 3 * radius, x + 3 * radius, y + 3 * radius], fill=110)
    picture.paste(Image.new("RGB", picture.size, colour), mask=glow.filter(ImageFilter.GaussianBlur(radius)))
    pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)

    layers = 6
    for layer in range(layers):
        near = (layer + 1) / layers
        base, range_of_heights = HEIGHT * (0.52 + 0.4 * near * near), HEIGHT * (0.24 - 0.06 * near)
        heights = ridge(rng, 0.46 + 0.06 * near)
        points = [
            (column, base - range_of_heights * heights[round(column / WIDTH * (len(heights) - 1))])
            for column in range(WIDTH + 1)
        ]
        pen.polygon([(0, HEIGHT), *points, (WIDTH, HEIGHT)], fill=mix(horizon, ground, math.sqrt(near) * near))
    return picture.filter(ImageFilter.GaussianBlur(0.6))


for name, *scene in SCENES:
    file = Path(__file__).parent / name
    image = draw(random.Random(name), *scene)
    if file.suffix == ".png":
        image = image.resize((600, 400)).quantize(96)
    image.save(file, **({"quality": 84} if file.suffix == ".jpg" else {"optimize": True}))
    print(f"{name}  {file.stat().st_size // 1024} KiB")
