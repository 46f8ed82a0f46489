using System.Buffers.Text;
using Tenet.Kernel;
using Tenet.Kernel.DataMaps;

namespace Tenet.Inbox;

/// <summary>How the chat on the customer's site looks and who may embed it.</summary>
[Record("inbox.widget", Purpose.CustomerSupport, Keep = "inbox.settings")]
public sealed class WidgetSettings
{
    public static readonly IReadOnlyCollection<string> Languages = ["en", "de", "fr", "es", "vi"];
    public static readonly IReadOnlyCollection<string> Themes = ["auto", "light", "dark"];
    public static readonly IReadOnlyCollection<string> Positions = ["right", "left"];

    [Operational]
    public Guid Id { get; init; }

    /// <summary>Public: stands in the page's source. Names the workspace, so that no directory across workspaces is needed to find it.</summary>
    [Operational]
    public string Key { get; init; } = "";

    [Operational]
    public string Name { get; set; } = "";

    /// <summary><c>#rrggbb</c>.</summary>
    [Operational]
    public string Color { get; set; } = "#2f4fd0";

    [Operational]
    public string Position { get; set; } = "right";

    [Operational]
    public string Theme { get; set; } = "auto";

    /// <summary>Used when the visitor's own is not one of <see cref="Languages"/>.</summary>
    [Operational]
    public string Language { get; set; } = "en";

    [Operational]
    public string Greeting { get; set; } = "";

    [Operational]
    public string[] QuickQuestions { get; set; } = [];

    /// <summary>Origins that may embed the widget, <c>https://shop.example</c>; the host's own is always allowed.</summary>
    [Operational]
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>With it the customer's site signs for its signed-in visitors.</summary>
    [Sealed(Category.SystemCredentials)]
    public byte[]? IdentitySecret { get; set; }

    /// <summary>How many days the workspace wants conversations kept; 0 when it leaves that to the policy.</summary>
    [Operational]
    public int KeepDays { get; set; }

    [Operational]
    public string? PrivacyUrl { get; set; }

    /// <summary>Since when the chat asks for the age before the first message; null when it does not.</summary>
    [Operational]
    public DateTimeOffset? AgeGateSince { get; set; }

    [Operational]
    public DateTimeOffset UpdatedAt { get; set; }

    internal static string NewKey(Guid workspaceId) =>
        "wk_" + Base64Url.EncodeToString([.. workspaceId.ToByteArray(bigEndian: true), .. Secrets.Bytes(6)]);

    /// <summary>The workspace that a key claims to be of; whether it is, the row decides.</summary>
    internal static Guid? WorkspaceOf(string key)
    {
        Span<byte> bytes = stackalloc byte[22];
        return
            key.StartsWith("wk_", StringComparison.Ordinal)
            && key.Length == 33
            && Base64Url.IsValid(key.AsSpan(3))
            && Base64Url.TryDecodeFromChars(key.AsSpan(3), bytes, out var written)
            && written == 22
            ? new Guid(bytes[..16], bigEndian: true)
            : null;
    }
}
