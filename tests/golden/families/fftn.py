"""Fourier transforms along any dimensions and of real spectra; complex numbers are pairs in a last dimension of 2."""
import torch
from fft import of
from make import data


def cases(case):
    fft = torch.fft
    case("fftn", of(fft.fftn), z=data(2, 4, 3, 2, seed=1))
    case("fftn_dims", of(fft.fftn, s=(3, 5), dim=(2, 0), norm="ortho"), z=data(4, 2, 3, 2, seed=2))
    case("ifftn", of(fft.ifftn, s=(5, 2)), z=data(2, 4, 3, 2, seed=3))
    case("rfftn", of(fft.rfftn, real=True, norm="forward"), x=data(2, 4, 5, seed=4))
    case("irfftn", of(fft.irfftn, to_real=True, s=(2, 3, 5)), z=data(2, 3, 3, 2, seed=5))
    case("hfft", of(fft.hfft, to_real=True, n=7), z=data(2, 4, 2, seed=6))
    case("hfft_forward", of(fft.hfft, to_real=True, dim=0, norm="forward"), z=data(4, 2, 2, seed=7))
    case("ihfft", of(fft.ihfft, real=True), x=data(2, 7, seed=8))
    case("hfftn", of(fft.hfftn, to_real=True, s=(3, 4), dim=(0, 1)), z=data(3, 3, 2, 2, seed=9))
    case("ihfftn", of(fft.ihfftn, real=True, norm="ortho"), x=data(2, 3, 4, seed=10))
