using System.Globalization;
using System.Text;
using QRCoder;

namespace Tenet.Accounts.Factors;

/// <summary>A QR code as the path of an inline SVG, made here: nothing of a secret leaves for a picture service.</summary>
/// <param name="Size">Modules on a side, with the quiet zone of four that the standard asks for.</param>
/// <param name="Path">The dark modules, one unit each.</param>
internal sealed record QrCode(int Size, string Path)
{
    public static QrCode Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (var y = 0; y < data.ModuleMatrix.Count; y++)
        {
            var row = data.ModuleMatrix[y];
            for (var x = 0; x < row.Count; x++)
            {
                if (row[x])
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }
        return new QrCode(data.ModuleMatrix.Count, path.ToString());
    }
}
