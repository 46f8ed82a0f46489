using System.Text.Json.Nodes;

namespace Tenet.Tests.Odoo;

/// <summary>One contact in a fake Odoo, changed as docs/odoo.md has it: looked at first, and written only as it was seen.</summary>
internal sealed class FakeWrites
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _approvals = new(StringComparer.Ordinal);
    private int _version = 1;

    public FakeWrites(FakeOdoo odoo)
    {
        foreach (var tool in Tenet.Odoo.Writes.OdooActions.All)
        {
            odoo.Tools[Tenet.Odoo.Writes.OdooActions.Tool(tool)] = Answer;
        }
    }

    public string Phone { get; private set; } = "+49 30 1";

    public int Writes { get; private set; }

    /// <summary>Somebody else changes it meanwhile.</summary>
    public void ChangeElsewhere(string phone)
    {
        lock (_lock)
        {
            (Phone, _version) = (phone, _version + 1);
        }
    }

    /// <summary>An answer of the test's own to an execution.</summary>
    public Func<JsonObject>? Instead { get; set; }

    private JsonObject Answer(int uid, JsonNode arguments)
    {
        lock (_lock)
        {
            if (arguments["mode"]?.GetValue<string>() != "execute")
            {
                return Preview(arguments);
            }
            if (Instead is { } instead)
            {
                return instead();
            }
            if (arguments["expect"]?["fingerprint"]?.GetValue<string>() != Fingerprint())
            {
                return new JsonObject
                {
                    ["error"] = "conflict",
                    ["detail"] = "changed",
                    ["preview"] = Preview(arguments),
                };
            }
            if (!_approvals.Add(arguments["approval"]!.GetValue<string>()))
            {
                return new JsonObject { ["error"] = "access", ["detail"] = "already done" };
            }
            (Phone, _version, Writes) = (arguments["values"]?["phone"]?.GetValue<string>() ?? Phone, _version + 1, Writes + 1);
            return new JsonObject
            {
                ["model"] = "res.partner",
                ["ids"] = new JsonArray(7),
                ["record"] = "Azure Interior",
            };
        }

        string Fingerprint() => $"{_version}";

        JsonObject Preview(JsonNode asked) =>
            new()
            {
                ["model"] = "res.partner",
                ["ids"] = new JsonArray(7),
                ["record"] = "Azure Interior",
                ["changes"] = new JsonArray(
                    new JsonObject
                    {
                        ["field"] = "phone",
                        ["label"] = "Phone",
                        ["before"] = Phone,
                        ["after"] = asked["values"]?["phone"]?.DeepClone(),
                    }
                ),
                ["expect"] = new JsonObject { ["fingerprint"] = Fingerprint() },
            };
    }
}
