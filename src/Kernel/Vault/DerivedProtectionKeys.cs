using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Tenet.Kernel.Vault;

/// <summary>
/// ASP.NET Core's data protection by one key that is derived from the master key: every node has it, a restart keeps it, and no key lies in
/// a home directory. It protects what lives minutes, such as the state of a page that a circuit takes over.
/// </summary>
internal sealed class DerivedProtectionKeys(MasterKey master) : IXmlRepository
{
    private static readonly Guid Id = new("5a3c1de2-7b64-4b0e-9d0c-54454e455401");

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        byte[] secret = [.. master.Derive("data-protection/1"), .. master.Derive("data-protection/2")];
        return
        [
            new XElement(
                "key",
                new XAttribute("id", Id),
                new XAttribute("version", 1),
                Date("creationDate", 2020),
                Date("activationDate", 2020),
                Date("expirationDate", 9999),
                new XElement(
                    "descriptor",
                    new XAttribute("deserializerType", typeof(AuthenticatedEncryptorDescriptorDeserializer).AssemblyQualifiedName!),
                    new XElement(
                        "descriptor",
                        new XElement("encryption", new XAttribute("algorithm", "AES_256_GCM")),
                        new XElement("masterKey", new XElement("value", Convert.ToBase64String(secret)))
                    )
                )
            ),
        ];
    }

    /// <summary>There is nothing to store: the key follows from the master key.</summary>
    public void StoreElement(XElement element, string friendlyName) { }

    private static XElement Date(string name, int year) =>
        new(name, new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToString("o", CultureInfo.InvariantCulture));
}
