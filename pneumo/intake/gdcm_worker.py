"""One JPEG frame on standard input and its layout as arguments come in, raw values go out.

A process of its own: GDCM, the only free decoder of lossless and of 12-bit JPEG, answers some
corrupt frames by aborting the process that it runs in. Run by `gdcm_process`, never imported.
"""

from __future__ import annotations

import sys

# Tells a missing GDCM from a frame that it cannot decode; `gdcm_process` knows it too.
WITHOUT_DECODER = 3


def main() -> int:
    """Decode standard input to standard output; return the exit status."""
    try:
        import gdcm
    except ImportError:
        return WITHOUT_DECODER
    syntax, *numbers = sys.argv[1:]
    rows, columns, allocated, precision = (int(number) for number in numbers)
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    grey = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(grey))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    image.SetPixelFormat(gdcm.PixelFormat(1, allocated, precision, precision - 1, 0))
    # GDCM hands bytes over as text.
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
