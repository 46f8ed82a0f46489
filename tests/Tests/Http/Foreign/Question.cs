using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Tenet.Inbox.Widget;
using Tenet.Tests.Support;

namespace Tenet.Tests.Http.Foreign;

/// <summary>A request with something of another workspace in it, which can be asked again with something that does not exist in its place.</summary>
internal sealed record Question(MappedEndpoint Endpoint, string Address, string? Body, string BodyType)
{
    /// <summary>What of the other workspace stands in it.</summary>
    public required IReadOnlyList<Pair> Sent { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }

    public HttpRequestMessage ToRequest(bool foreign)
    {
        var request = new HttpRequestMessage(new HttpMethod(Endpoint.Method), Of(Address, foreign));
        foreach (var (name, value) in Headers)
        {
            request.Headers.TryAddWithoutValidation(name, Of(value, foreign));
        }
        if (Body is not null)
        {
            request.Content = new StringContent(Of(Body, foreign), Encoding.UTF8, BodyType);
        }
        return request;
    }

    private string Of(string text, bool foreign)
    {
        if (!foreign)
        {
            foreach (var (theirs, missing) in Sent)
            {
                text = text.Replace(theirs, missing, StringComparison.Ordinal)
                    .Replace(Uri.EscapeDataString(theirs), Uri.EscapeDataString(missing), StringComparison.Ordinal);
            }
        }
        return text;
    }

    public override string ToString() => $"{Endpoint.Method} {Address} {Body}";
}

/// <summary>Draws questions for one workspace from what another holds, by what the endpoints say they take.</summary>
internal sealed class Questions(Random random, Holdings theirs, IReadOnlyList<Guid> own, string widgetKey, JsonSerializerOptions json)
{
    private readonly List<Pair> _sent = [];

    /// <summary>A part of the other's ids, so that those that were not sent can be told from echoes.</summary>
    public IReadOnlyList<Pair> Ids { get; } = [.. theirs.Ids.Where(_ => random.Next(4) == 0)];

    public Question Draw(MappedEndpoint endpoint)
    {
        _sent.Clear();
        var address = Routes.Fill(endpoint.Route.RoutePattern, RouteValue);
        var (query, form) = (new List<string>(), new List<string>());
        foreach (var (name, type, isForm) in Inputs(endpoint))
        {
            if (isForm || random.Next(2) == 0)
            {
                (isForm ? form : query).Add($"{name}={Uri.EscapeDataString(Value(name, type)?.ToString() ?? "")}");
            }
        }
        string? body = endpoint.BodyType is { } of ? Body(of, 0).ToJsonString() : null;
        var headers = Headers(endpoint);
        if (_sent.Count == 0)
        {
            // What a careless endpoint might believe.
            query.Add("workspaceId=" + Take(new Pair(theirs.WorkspaceId.ToString(), theirs.Ids[^1].Missing)));
        }
        return new Question(
            endpoint,
            query.Count == 0 ? address : $"{address}?{string.Join('&', query)}",
            body ?? (form.Count > 0 ? string.Join('&', form) : null),
            body is null ? "application/x-www-form-urlencoded" : "application/json"
        )
        {
            Sent = [.. _sent.Distinct()],
            Headers = headers,
        };
    }

    private string RouteValue(Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart part) =>
        part.ParameterPolicies.Any(policy => policy.Content is "guid") ? Value(part.Name, typeof(Guid))!.ToString()
        : part.ParameterPolicies.Any(policy => policy.Content is "int") ? "404"
        // The widget's key is public: whoever holds another's is told what it shows everybody.
        : part.Name is "key" ? widgetKey
        : part.Name.EndsWith("token", StringComparison.OrdinalIgnoreCase) ? Take(One(theirs.Texts))
        : "v1";

    private List<(string, string)> Headers(MappedEndpoint endpoint)
    {
        var headers = new List<(string, string)>();
        // Where the other used it too. Elsewhere the first of the two may use up what the second then conflicts with, and the key remembers.
        if (endpoint is { Method: "POST", Pattern: "/api/knowledge/answers" } && random.Next(2) == 0)
        {
            headers.Add(("Idempotency-Key", Take(theirs.IdempotencyKey)));
        }
        if (endpoint.Method is "PUT" or "GET" && random.Next(6) == 0)
        {
            headers.Add((endpoint.Method is "PUT" ? "If-Match" : "If-None-Match", Take(theirs.EntityTag)));
        }
        if (endpoint.Pattern.EndsWith("/events", StringComparison.Ordinal))
        {
            headers.Add(("Last-Event-ID", Take(theirs.EventId)));
        }
        return headers;
    }

    private JsonObject Body(Type type, int depth)
    {
        var body = SampleBody.Of(type, json);
        foreach (var (name, field) in SampleBody.Fields(type, json))
        {
            if (field == typeof(SignedIdentity))
            {
                body[name] = random.Next(3) == 0 ? JsonSerializer.SerializeToNode(Identity(), json) : null;
            }
            else if (field == typeof(string) || field == typeof(Guid) || field == typeof(Guid?))
            {
                body[name] = random.Next(8) == 0 ? body[name] : Value(name, field) ?? body[name];
            }
            else if (field.IsAssignableTo(typeof(IEnumerable<string>)))
            {
                body[name] = random.Next(2) == 0 ? new JsonArray(Value(name, typeof(string))) : body[name];
            }
            else if (depth < 2 && json.GetTypeInfo(field).Kind is JsonTypeInfoKind.Object && random.Next(2) == 0)
            {
                body[name] = Body(field, depth + 1);
            }
        }
        return body;
    }

    /// <summary>What the other's own site would sign.</summary>
    private SignedIdentity Identity()
    {
        var (id, email, now) = (Take(theirs.Texts[1]), Take(theirs.Emails[2]), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        return new SignedIdentity(id, email, null, now, SignedIdentity.Sign(theirs.IdentitySecret, id, email, null, now));
    }

    private JsonNode? Value(string name, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid))
        {
            return random.Next(10) switch
            {
                < 6 => Take(One(Ids)),
                < 9 when own.Count > 0 => One(own).ToString(),
                _ => Guid.CreateVersion7().ToString(),
            };
        }
        if (type != typeof(string))
        {
            return type == typeof(bool) ? "true"
                : type == typeof(DateTimeOffset) ? "2026-11-21T08:00:00Z"
                : "2";
        }
        // A workspace's name in addresses is public, as the widget's key is: whoever knows it may ask it for what anybody may ask for.
        if (random.Next(3) == 0 || name is "workspace")
        {
            return null;
        }
        return name.ToUpperInvariant() switch
        {
            "EMAIL" => Take(One(theirs.Emails)),
            "AFTER" or "BEFORE" or "CURSOR" => Take(One(theirs.Cursors)),
            "ENTRY" or "SUBJECT" => Take(One(Ids)),
            "ACTOR" => "member:" + Take(One(Ids)),
            _ => random.Next(5) switch
            {
                0 => Take(One(theirs.Emails)),
                1 => Take(One(Ids)),
                2 => Take(One(theirs.Cursors)),
                3 => Take(theirs.Texts[0]),
                _ => Take(One(theirs.Texts)),
            },
        };
    }

    /// <summary>What a handler takes from the query or from a form, and a page from the query.</summary>
    private static IEnumerable<(string Name, Type Type, bool IsForm)> Inputs(MappedEndpoint endpoint)
    {
        var inRoute = endpoint.Route.RoutePattern.Parameters.Select(part => part.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var page = endpoint.Route.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;
        var ofPage = (page?.GetProperties() ?? [])
            .Where(property => property.IsDefined(typeof(SupplyParameterFromQueryAttribute)))
            .Select(property =>
                (property.GetCustomAttribute<SupplyParameterFromQueryAttribute>()!.Name ?? property.Name, property.PropertyType, false)
            );
        var ofHandler = (endpoint.Route.Metadata.GetMetadata<MethodInfo>()?.GetParameters() ?? []).SelectMany(parameter =>
            parameter.IsDefined(typeof(AsParametersAttribute))
                ? parameter.ParameterType.GetConstructors()[0].GetParameters().Select(inner => (inner.Name!, inner.ParameterType, false))
                : [(parameter.Name!, parameter.ParameterType, parameter.IsDefined(typeof(FromFormAttribute)))]
        );
        return ofPage.Concat(ofHandler).Where(input => !inRoute.Contains(input.Item1) && IsPlain(input.Item2));
    }

    private static bool IsPlain(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var plain
        && (plain == typeof(string) || plain == typeof(Guid) || plain == typeof(DateTimeOffset) || plain.IsPrimitive);

    private string Take(Pair pair)
    {
        _sent.Add(pair);
        return pair.Foreign;
    }

    private T One<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
