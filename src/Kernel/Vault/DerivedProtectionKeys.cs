using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Tenet.Kernel.Vault;

/// <summary>
/// ASP.NET Core's data protection by a key that follows from the root key: every node has it, a restart keeps it, and no key lies in
/// a home directory. It protects what lives minutes, such as the state of a page that a circuit takes over.
/// </summary>
internal sealed class DerivedProtectionKeys(KeyRing keys) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [.. keys.Roots.Select(Element)];

    private static XElement Element(RootKey root)
    {
        byte[] secret = [.. root.Derive("data-protection/1"), .. root.Derive("data-protection/2")];
        return new XElement(
            "key",
            new XAttribute("id", new Guid(0x5a3c1de2, 0x7b64, 0x4b0e, [0x9d, 0x0c, .. "TENET"u8, (byte)root.Version])),
            new XAttribute("version", 1),
            Date("creationDate", 2020),
            // The one activated last is the one that protects.
            new XElement("activationDate", Year(2020).AddDays(root.Version).ToString("o", CultureInfo.InvariantCulture)),
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
        );
    }

    /// <summary>There is nothing to store: the key follows from the master key.</summary>
    public void StoreElement(XElement element, string friendlyName) { }

    private static XElement Date(string name, int year) => new(name, Year(year).ToString("o", CultureInfo.InvariantCulture));

    private static DateTimeOffset Year(int year) => new(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
