using System.Text.Json;

namespace Tenet.Odoo.Mcp;

/// <summary>What a tool in Odoo answered. It is untrusted and lives as long as its turn.</summary>
/// <param name="Content">The structured content.</param>
/// <param name="Error">A word of the contract when the tool refused, else null.</param>
internal sealed record ToolAnswer(JsonElement Content, string? Error)
{
    private static readonly string[] Errors = ["access", "not_found", "invalid", "conflict", "limit", "busy", "internal"];

    public bool IsRestricted => Content.TryGetProperty("restricted", out var value) && value.ValueKind == JsonValueKind.True;

    /// <exception cref="OdooException">It is no answer of a tool.</exception>
    public static ToolAnswer Read(JsonElement result)
    {
        if (!result.TryGetProperty("structuredContent", out var content) || content.ValueKind != JsonValueKind.Object)
        {
            throw new OdooException(OdooFault.Protocol);
        }
        if (!result.TryGetProperty("isError", out var isError) || isError.ValueKind != JsonValueKind.True)
        {
            return new ToolAnswer(content, null);
        }
        var word = content.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String ? error.GetString() : null;
        return new ToolAnswer(content, Errors.Contains(word, StringComparer.Ordinal) ? word : "internal");
    }
}
