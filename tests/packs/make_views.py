#!/usr/bin/env python3
"""Makes tests/packs/views.h5: what Pillow and torchvision make of two small pictures that this script draws.

/input is uint8 [N,H,W,3], /flat one more picture, of few levels. Case M: the operation is line M of the attribute `names`
(flat_OPERATION: done to /flat), its magnitudes are /values[M] (float64, four places), and what comes out of all pictures
stands in /pixels, one case after another, pictures of height and width /sizes[M].

  apt-get install python3-pil python3-torchvision python3-h5py
  /usr/bin/python3 tests/packs/make_views.py
"""
import math
import pathlib

import h5py
import numpy as np
import PIL
import torchvision
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

WIDTH, HEIGHT = 19, 15
TORCHVISION = ["Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast",
               "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"]


def draw():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    random = np.random.default_rng(5)
    pictures = []
    for phase in (0.0, 1.3):
        rings = 0.5 + 0.5 * np.sin(np.hypot(x - 8, y - 6) * 0.9 + phase)
        picture = np.stack([40 + 170 * rings, 20 + 12 * x - 3 * phase * y, 235 - 11 * y + 0 * x], axis=-1)
        picture += random.integers(-9, 10, picture.shape)
        pictures.append(np.clip(picture, 3, 250).astype(np.uint8))
    return np.stack(pictures)


def affine(image, *matrix):
    return image.transform(image.size, Image.Transform.AFFINE, matrix)


def cutout(image, value):
    fraction, x, y = value
    side = fraction * image.width
    left, top = int(max(0, x - side / 2)), int(max(0, y - side / 2))
    result = image.copy()
    box = (left, top, min(image.width, left + side), min(image.height, top + side))
    ImageDraw.Draw(result).rectangle(box, (125, 123, 114))
    return result


def resized(how):
    return lambda image, value: image.resize((int(value[0]), int(value[1])), how)


def torchvision_operation(image, value):
    index, magnitude_bin, bins, negative = (int(v) for v in value)
    name = TORCHVISION[index]
    magnitudes, signed = RandAugment()._augmentation_space(bins, (image.height, image.width))[name]
    magnitude = float(magnitudes[magnitude_bin].item()) if magnitudes.ndim > 0 else 0.0
    if signed and negative:
        magnitude = -magnitude
    return _apply_op(image, name, magnitude, interpolation=InterpolationMode.NEAREST, fill=None)


ENHANCED = {"brightness": ImageEnhance.Brightness, "saturation": ImageEnhance.Color, "contrast": ImageEnhance.Contrast,
            "sharpness": ImageEnhance.Sharpness}
OPERATIONS = {
    "auto_contrast": (lambda image, _: ImageOps.autocontrast(image), [0]),
    "equalize": (lambda image, _: ImageOps.equalize(image), [0]),
    "invert": (lambda image, _: ImageOps.invert(image), [0]),
    "flip": (lambda image, _: ImageOps.mirror(image), [0]),
    "posterize": (lambda image, bits: ImageOps.posterize(image, bits), [1, 4, 7, 8]),
    "solarize": (lambda image, level: ImageOps.solarize(image, level), [0, 100.5, 256]),
    "rotate": (lambda image, angle: image.rotate(angle), [-180, -29.7, 0.4, 17, 90, 360]),
    "shear_x": (lambda image, v: affine(image, 1, v, 0, 0, 1, 0), [-0.27, 0.011, 0.3]),
    "shear_y": (lambda image, v: affine(image, 1, 0, 0, v, 1, 0), [-0.27, 0.011, 0.3]),
    "translate_x": (lambda image, v: affine(image, 1, 0, v * image.width, 0, 1, 0), [-0.3, 0.019, 0.02, 1]),
    "translate_y": (lambda image, v: affine(image, 1, 0, 0, 0, 1, v * image.height), [-0.3, 0.023, 0.024, 1]),
    "cutout": (cutout, [[0.5, 3.2, 14.9], [0.23, 12, 9.5], [0.01, 18.9, 0]]),
    "resize_nearest": (resized(Image.Resampling.NEAREST), [[11, 40], [19, 7]]),
    "resize_bilinear": (resized(Image.Resampling.BILINEAR), [[11, 9], [40, 33], [19, 7], [7, 15], [1, 1]]),
    "resize_bicubic": (resized(Image.Resampling.BICUBIC), [[11, 9], [40, 33]]),
    "resize_lanczos": (resized(Image.Resampling.LANCZOS), [[11, 9], [40, 33]]),
    "torchvision": (torchvision_operation, [[i, b, n, s] for i in range(14) for b, n, s in
                                            ((9, 31, 0), (9, 31, 1), (22, 31, 1), (3, 7, 0))]),
    **{name: (lambda image, factor, make=make: make(image).enhance(factor), [0, 0.37, 0.95, 1, 1.8])
       for name, make in ENHANCED.items()},
}


def main():
    assert math.isclose(float(PIL.__version__.rsplit(".", 1)[0]), 9.4), PIL.__version__
    pictures = draw()
    flat = np.full((1, HEIGHT, WIDTH, 3), 90, np.uint8)
    flat[:, 5:9, 4:15, 1:] = (91, 30)
    names, values, sizes, pixels = [], [], [], []
    for prefix, source, operations in (("", pictures, OPERATIONS),
                                       ("flat_", flat, ["auto_contrast", "equalize", "contrast"])):
        for name in operations:
            apply, magnitudes = OPERATIONS[name]
            for magnitude in magnitudes:
                made = np.stack([np.asarray(apply(Image.fromarray(each), magnitude)) for each in source])
                names.append(prefix + name)
                values.append(np.resize(np.append(magnitude, [0] * 4), 4))
                sizes.append(made.shape[1:3])
                pixels.append(made.ravel())

    with h5py.File(pathlib.Path(__file__).parent / "views.h5", "w", libver=("earliest", "v110")) as pack:
        pack.attrs["made_with"] = f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}"
        pack.attrs["names"] = "\n".join(names)
        for name, value in (("input", pictures), ("flat", flat), ("values", np.array(values, np.float64)),
                            ("sizes", np.array(sizes, np.int64)), ("pixels", np.concatenate(pixels))):
            pack.create_dataset(name, data=value, track_times=False, compression="gzip", compression_opts=9)


main()
