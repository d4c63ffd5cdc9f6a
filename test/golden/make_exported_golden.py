"""Small classifiers as PyTorch exports them, with their answers: test/golden/exported.json.

python3 test/golden/make_exported_golden.py   (PyTorch, torchvision, onnx)
"""
import base64, io, json, pathlib, torch, torchvision, zlib
from torch import nn

torch.manual_seed(7)


class Cnn(nn.Module):
    """Image normalisation inside, batch norm, dropout, probabilities at the end."""

    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer('deviation', torch.tensor([0.2, 0.3, 0.25]).view(1, 3, 1, 1))
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.depthwise = nn.Sequential(nn.Conv2d(8, 8, 5, 1, 2, groups=8, bias=False), nn.BatchNorm2d(8), nn.PReLU(8))
        self.scale = nn.Parameter(torch.full((8, 1, 1), 0.5))
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(8, 4, bias=False)

    def forward(self, image):
        x = self.stem((image - self.mean) / self.deviation)
        x = x + self.scale * self.depthwise(x)
        return torch.softmax(self.head(self.drop(x.mean((2, 3)))), 1)


class Vit(nn.Module):
    """Class token, position embedding, attention with a mask, layer norm."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.position = nn.Parameter(torch.randn(1, 17, 16) * 0.1)
        mask = torch.zeros(1, 1, 17, 17)
        mask[..., 3:5] = -100.0
        self.register_buffer('mask', mask)
        self.norm = nn.LayerNorm(16)
        self.qkv = nn.Linear(16, 48)
        self.project = nn.Linear(16, 16)
        self.head = nn.Linear(16, 5)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, t, 3, 2, c // 2).permute(2, 0, 3, 1, 4).unbind(0)
        attention = ((q @ k.transpose(-2, -1)) * 0.35 + self.mask).softmax(-1)
        x = x + self.project((attention @ v).transpose(1, 2).reshape(n, t, c))
        return self.head(nn.functional.gelu(x)[:, 0])


class ConvHead(nn.Module):
    """A 1x1 convolution as the last layer; exported for one image."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.LeakyReLU(0.1), nn.MaxPool2d(2), nn.Conv2d(6, 10, 3, 1, 1, groups=2), nn.ReLU6())
        self.head = nn.Conv2d(10, 3, 1)

    def forward(self, image):
        x = self.body(image)
        x = x.view(1, 10, -1).view(1, 10, 8, 8)
        return self.head(nn.functional.adaptive_avg_pool2d(x, 1)).flatten(1)


def export(name, network, size, **options):
    network.eval()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-0.5, 0.5)
            layer.running_var.uniform_(0.5, 1.5)
    image = torch.linspace(-1, 1, 3 * size * size).reshape(1, 3, size, size)
    buffer = io.BytesIO()
    torch.onnx.export(network, (image,), buffer, dynamo=False, input_names=['image'], output_names=['out'], **options)
    with torch.no_grad():
        answer = network(image)[0].tolist()
    trained = sum(p.numel() for p in network.parameters())
    return dict(name=name, size=size, answer=answer, trained=trained, onnx=base64.b64encode(zlib.compress(buffer.getvalue(), 9)).decode())


free = dict(dynamic_axes={'image': {0: 'n'}, 'out': {0: 'n'}})
kept = dict(do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
swin = torchvision.models.SwinTransformer([4, 4], 8, [1, 2], [1, 2], [2, 2], num_classes=4)
files = [
    export('cnn, norm kept', Cnn(), 16, opset_version=13, **free, **kept),
    export('cnn, norm folded', Cnn(), 16, opset_version=18, **free),
    export('vit', Vit(), 32, opset_version=17, **free),
    export('vit for one image', Vit(), 32, opset_version=16),
    export('convolution as head', ConvHead(), 32, opset_version=14),
    export('swin', swin, 32, opset_version=17, **free),
]
path = pathlib.Path(__file__).with_name('exported.json')
path.write_text(json.dumps(files))
print(path.stat().st_size, [(f['name'], len(f['onnx'])) for f in files])
