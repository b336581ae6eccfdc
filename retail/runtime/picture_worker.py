"""Turns one picture into small WebP files, in a process of its own with little memory, time and no files to write.

Run as `python -I picture_worker.py FORMAT MOST_PIXELS SIDE...` with the picture on standard input; it imports
nothing of the product. Standard output has each file with its length (4 bytes) before it. It ends with 3 where the
picture can't be read, and with 4 where it is too large; whatever else ends it, the caller takes for unreadable too.
"""

from __future__ import annotations

import io
import resource
import struct
import sys

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 10
UNREADABLE, TOO_LARGE = 3, 4
QUALITY = 82


def main(form: str, most_pixels: int, sides: list[int]) -> int:
    """Read, check, make small, write. Gives the exit code."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    from PIL import Image, ImageOps  # noqa: PLC0415 - under the limits

    Image.MAX_IMAGE_PIXELS = most_pixels
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=[form]) as picture:
            if picture.width * picture.height > most_pixels:  # the header alone has been read by now
                return TOO_LARGE
            picture.load()
            turned = ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - decoders raise whatever they like, and none of it is ours to mend
        return UNREADABLE
    for side in sides:
        small = turned.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        written = io.BytesIO()
        small.save(written, "WEBP", quality=QUALITY, method=4)  # no EXIF, no profile, no comment goes along
        sys.stdout.buffer.write(struct.pack(">I", written.tell()) + written.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), [int(side) for side in sys.argv[3:]]))
