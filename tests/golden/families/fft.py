"""Fourier transforms; complex numbers are pairs in a last dimension of 2."""
import torch
from make import data


def of(function, real=False, to_real=False, **options):
    """The function on pairs instead of complex numbers."""
    def call(x):
        y = function(x if real else torch.view_as_complex(x.contiguous()), **options)
        return y if to_real else torch.view_as_real(y.resolve_conj())
    return call


def cases(case):
    fft = torch.fft
    for n in (8, 15, 7, 22):  # radix 2, 3 and 5; Bluestein's, odd and even
        case(f"fft_{n}", of(fft.fft), z=data(2, n, 2, seed=1))
        case(f"ifft_{n}", of(fft.ifft), z=data(2, n, 2, seed=2))
        case(f"rfft_{n}", of(fft.rfft, real=True), x=data(2, n, seed=3))
        case(f"irfft_{n}", of(fft.irfft, to_real=True, n=n), z=data(2, n // 2 + 1, 2, seed=4))
    case("fft_cut", of(fft.fft, n=4, dim=0, norm="ortho"), z=data(6, 2, 2, seed=5))
    case("ifft_padded", of(fft.ifft, n=9, dim=1, norm="forward"), z=data(2, 5, 3, 2, seed=6))
    case("rfft_cut", of(fft.rfft, real=True, n=6, dim=-2, norm="forward"), x=data(9, 2, seed=7))
    case("rfft_padded", of(fft.rfft, real=True, n=11, dim=0, norm="ortho"), x=data(8, 2, seed=8))
    case("irfft_default", of(fft.irfft, to_real=True, dim=0), z=data(5, 2, 2, seed=9))
    case("irfft_cut", of(fft.irfft, to_real=True, n=6, norm="ortho"), z=data(2, 6, 2, seed=10))
    case("irfft_padded", of(fft.irfft, to_real=True, n=13, norm="forward"), z=data(2, 4, 2, seed=11))
    case("fft2", of(fft.fft2), z=data(2, 4, 3, 2, seed=12))
    case("ifft2", of(fft.ifft2, s=(5, 4), dim=(0, 2), norm="ortho"), z=data(4, 2, 5, 2, seed=13))
    case("rfft2", of(fft.rfft2, real=True), x=data(2, 4, 6, seed=14))
    case("rfft2_sizes", of(fft.rfft2, real=True, s=(4, 7), dim=(1, 0), norm="forward"), x=data(6, 5, 2, seed=15))
    case("irfft2", of(fft.irfft2, to_real=True, s=(4, 5)), z=data(2, 4, 3, 2, seed=16))
