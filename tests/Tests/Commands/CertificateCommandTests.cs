using System.Security.Cryptography;
using Shouldly;
using Tenet.Commands;
using Tenet.Privacy.Certificates;
using Xunit;

namespace Tenet.Tests.Commands;

public sealed class CertificateCommandTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_is_verified_by_file_and_key_alone()
    {
        var folder = Directory.CreateTempSubdirectory("tenet-certificate-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new DeletionCertificate(
            1,
            Guid.CreateVersion7(),
            Guid.CreateVersion7(),
            [1],
            "request",
            null,
            default,
            default,
            default,
            default,
            [new CertifiedStore("inbox.message", "erased", "rows deleted", 3, 0, null, null, null)],
            key.ExportSubjectPublicKeyInfo()
        ).Sign(key);
        var file = await WriteAsync(folder, "good.json", certificate.Write());
        var changed = await WriteAsync(
            folder,
            "changed.json",
            certificate.Write().Replace("\"rowsFound\": 3", "\"rowsFound\": 4", StringComparison.Ordinal)
        );
        var right = await WriteAsync(folder, "right.pem", key.ExportSubjectPublicKeyInfoPem());
        var wrong = await WriteAsync(folder, "wrong.pem", other.ExportSubjectPublicKeyInfoPem());

        (await VerifyAsync(file, null)).ShouldSatisfyAllConditions(
            r => r.Valid.ShouldBeTrue(),
            r => r.Output.ShouldContain(certificate.Fingerprint)
        );
        (await VerifyAsync(file, right)).Valid.ShouldBeTrue();
        (await VerifyAsync(file, wrong)).Valid.ShouldBeFalse();
        (await VerifyAsync(changed, right)).Valid.ShouldBeFalse();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<FileInfo> WriteAsync(string folder, string name, string text)
    {
        var file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, text, _ct);
        return new FileInfo(file);
    }

    private async Task<(bool Valid, string Output)> VerifyAsync(FileInfo file, FileInfo? key)
    {
        using var output = new StringWriter();
        return (await CertificateCommand.VerifyAsync(file, key, output, _ct), output.ToString());
    }
}
