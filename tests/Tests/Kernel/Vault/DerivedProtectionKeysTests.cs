using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Tenet.Kernel;
using Tenet.Kernel.Vault;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class DerivedProtectionKeysTests
{
    [Fact]
    public void Nodes_with_one_master_key_read_each_others_protected_values_and_others_do_not()
    {
        var (key, other) = (NewKey(), NewKey());
        var written = Protector(key).Protect("page state");

        Protector(key).Unprotect(written).ShouldBe("page state");
        Should.Throw<CryptographicException>(() => Protector(other).Unprotect(written));
    }

    private static string NewKey() => Convert.ToHexStringLower(Secrets.Bytes(MasterKey.Length));

    private static IDataProtector Protector(string masterKey)
    {
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("tenet");
        services.Configure<KeyManagementOptions>(keys =>
            (keys.XmlRepository, keys.AutoGenerateKeys) = (
                new DerivedProtectionKeys(KeyRing.ForTests(MasterKey.FromHex(masterKey, "test"))),
                false
            )
        );
        return services.BuildServiceProvider().GetDataProtector("test");
    }
}
